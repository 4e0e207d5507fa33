-- Copyright nobody.

-- The users.
CREATE TABLE app.users (
    id serial PRIMARY KEY,
    name text NOT NULL
);

CREATE INDEX users_name ON app.users (name);

/* Active ones. */
CREATE OR REPLACE VIEW active_users AS
SELECT * FROM app.users WHERE active;

CREATE OR REPLACE FUNCTION add(a integer, b integer) RETURNS integer AS $$
BEGIN
    RETURN a + b;
END;
$$ LANGUAGE plpgsql;

CREATE TYPE mood AS ENUM ('sad', 'happy');

INSERT INTO app.users (name) VALUES
    ('a'),
    ('b');

SELECT u.name
FROM app.users u
JOIN orders o ON o.user_id = u.id
WHERE o.total > 10;

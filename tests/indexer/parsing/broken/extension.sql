CREATE TABLE @extschema@.shop_config (
    name TEXT NOT NULL PRIMARY KEY,
    price INTEGER
);

CREATE FUNCTION @extschema@.shop_price(name TEXT) RETURNS INTEGER AS $$
    SELECT price FROM @extschema@.shop_config WHERE shop_config.name = $1;
$$ LANGUAGE sql;

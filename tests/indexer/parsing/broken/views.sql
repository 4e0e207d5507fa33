CREATE MATERIALIZED VIEW hourly WITH (timescale.continuous, timescale.only=false, timescale.compress)
AS SELECT bucket('1h', time), avg(7) FROM readings GROUP BY 1;
CREATE VIEW plain AS SELECT 1;

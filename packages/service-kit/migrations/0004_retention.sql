-- What was dropped of the history, and what may be: one row (ADR 24).
CREATE TABLE retention (
  only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- Nothing is left of orders with a smaller id, which is of an earlier time.
  gone_before   uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  gone_at       timestamptz,
  -- The service that calls this one has dropped its part of the orders with a smaller id.
  may_go_before uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
INSERT INTO retention DEFAULT VALUES;

-- The smallest UUIDv7 of a time: history without an order is kept as if an order had been placed then.
-- Immutable, although extract() is not declared so: the seconds since 1970 depend on no setting.
CREATE FUNCTION uuid_at(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT rpad(lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0'), 32, '0')::uuid $$;

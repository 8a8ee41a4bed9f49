-- What every service keeps about its operators: the halt of chaos, and what they did.
-- IF NOT EXISTS: inventory-service made these two tables before the kit did.

-- One row. In PostgreSQL, so that a wiped Redis does not lift a halt.
CREATE TABLE IF NOT EXISTS chaos_halt (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  halted   boolean NOT NULL,
  by       text,
  reason   text,
  at       timestamptz
);
INSERT INTO chaos_halt (halted) VALUES (false) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS operator_audit (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at     timestamptz NOT NULL DEFAULT now(),
  who    text NOT NULL,
  action text NOT NULL,
  what   jsonb NOT NULL,
  why    text NOT NULL
);

CREATE OR REPLACE FUNCTION operator_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'operator_audit is append only';
END $$;
CREATE OR REPLACE TRIGGER operator_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_audit
  FOR EACH STATEMENT EXECUTE FUNCTION operator_audit_is_append_only();

-- The halt of chaos, and what operators did.

-- One row. In PostgreSQL, so that a wiped Redis does not lift a halt.
CREATE TABLE chaos_halt (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  halted   boolean NOT NULL,
  by       text,
  reason   text,
  at       timestamptz
);
INSERT INTO chaos_halt (halted) VALUES (false);

CREATE TABLE operator_audit (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at     timestamptz NOT NULL DEFAULT now(),
  who    text NOT NULL,
  action text NOT NULL,
  what   jsonb NOT NULL,
  why    text NOT NULL
);

CREATE FUNCTION operator_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'operator_audit is append only';
END $$;
CREATE TRIGGER operator_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_audit
  FOR EACH STATEMENT EXECUTE FUNCTION operator_audit_is_append_only();

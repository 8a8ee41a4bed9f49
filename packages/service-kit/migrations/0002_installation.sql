-- One row, made once: it tells this database from every other one, and holds a secret that Redis does not have.
-- A restore gives it a new id, because what Redis knows may be younger than the backup.
CREATE TABLE installation (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id       uuid NOT NULL DEFAULT gen_random_uuid(),
  secret   text NOT NULL DEFAULT gen_random_uuid()::text || gen_random_uuid()::text
);
INSERT INTO installation DEFAULT VALUES;

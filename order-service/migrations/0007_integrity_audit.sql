-- The auditor's memory: one row. Without it the audit reads the whole history again.
CREATE TABLE integrity_audit (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- The process that audits. It renews the lease with every round that it saves; then another one may take over.
  holder       uuid NOT NULL,
  replica      text NOT NULL,
  lease_until  timestamptz NOT NULL,
  -- The verdict, which all replicas show.
  published    jsonb,
  published_at timestamptz,
  -- Positions, sums and violations from which the audit goes on.
  checkpoint   jsonb
);

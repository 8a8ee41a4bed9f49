-- Backups begun and finished, told by k8s/components/backup/backup.sh, so that somebody notices when they stop.
CREATE TABLE backups (
  name text PRIMARY KEY,
  begun_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  -- When the next one should be finished; none is promised for a backup taken by hand.
  next_due_at timestamptz
);

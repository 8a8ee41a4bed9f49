-- One more status. With a retention each part has its own checks (ADR 24). NOT VALID: older rows met stricter ones.
DO $$
DECLARE part regclass;
BEGIN
  FOR part IN SELECT conrelid FROM pg_constraint WHERE conname = 'orders_status_check' LOOP
    EXECUTE format($f$ALTER TABLE %s DROP CONSTRAINT orders_status_check, DROP CONSTRAINT orders_check1,
      ADD CONSTRAINT orders_status_check CHECK
        (status IN ('pending', 'confirmed', 'queued', 'compensating', 'failed', 'cancelling', 'cancelled')) NOT VALID,
      ADD CONSTRAINT orders_check1 CHECK ((next_attempt_at IS NOT NULL) =
        (status IN ('pending', 'queued', 'compensating', 'cancelling') AND dead_lettered_at IS NULL)) NOT VALID$f$, part);
  END LOOP;
END $$;

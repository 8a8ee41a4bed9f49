-- no transaction
-- What the queue's gauges read every second: the age of the oldest waiting order is the first entry, and counting stops at a limit.
-- An order that is confirmed at once never enters it.
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_waiting ON orders ((coalesce(waiting_since, created_at)))
  WHERE status IN ('queued', 'cancelling') AND dead_lettered_at IS NULL;

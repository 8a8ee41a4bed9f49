-- no transaction
-- As orders_waiting, with the orders that are being undone. The version before still reads that one.
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_to_settle ON orders ((coalesce(waiting_since, created_at)))
  WHERE status IN ('queued', 'compensating', 'cancelling') AND dead_lettered_at IS NULL;

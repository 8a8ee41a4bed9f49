-- no transaction
-- A customer's own orders, newest first. An order of a guest never enters it.
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_by_customer ON orders (placed_by, order_id)
  WHERE placed_by <> 'guest' AND placed_by <> 'operator';

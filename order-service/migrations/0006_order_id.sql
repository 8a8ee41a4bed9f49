-- An order's id has the name it has everywhere else. Only the catalogue changes: indexes, keys and rows stay as they are.
-- Replicas of an older version ask for `id` and answer 500 from here on; an order they were asked for is not written.
ALTER TABLE orders RENAME COLUMN id TO order_id;

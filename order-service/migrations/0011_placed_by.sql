-- Who an order belongs to: 'operator', 'guest', or 'customer:' and the user's id. What exists is the operator's, as is what a replica of
-- an older version inserts. The default is kept beside the rows, so no row is rewritten.
ALTER TABLE orders ADD COLUMN placed_by text NOT NULL DEFAULT 'operator';

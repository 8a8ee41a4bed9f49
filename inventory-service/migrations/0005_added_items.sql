-- Items that an operator added, as they were asked for. A repeated request is compared with this row and gets the same answer,
-- whatever became of the item. No foreign key: it would lock the stock.
CREATE TABLE inventory_added (
  item_id     text PRIMARY KEY,
  item_name   text NOT NULL,
  quantity    integer NOT NULL CHECK (quantity >= 0),
  price_cents integer NOT NULL CHECK (price_cents >= 0),
  added_at    timestamptz NOT NULL DEFAULT now()
);

-- Stock, its ledger, and one decision per order.

CREATE TABLE inventory (
  item_id           text PRIMARY KEY,
  item_name         text NOT NULL,
  -- I2. Rejects a verdict that was made from stock which is no longer there (ADR 10).
  quantity          integer NOT NULL CHECK (quantity >= 0),
  -- Units deducted for orders and not released: deducted - released.
  reserved_quantity integer NOT NULL DEFAULT 0 CHECK (reserved_quantity >= 0),
  price_cents       integer NOT NULL CHECK (price_cents >= 0),
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now()
);

-- Append only. I1: for each item, seed + restock + release - deduct = inventory.quantity.
CREATE TABLE inventory_transactions (
  -- (tx, seq) orders the ledger by commit: a reader that stays below pg_snapshot_xmin() never misses a late commit.
  tx          xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq         bigint GENERATED ALWAYS AS IDENTITY,
  type        text NOT NULL CHECK (type IN ('seed', 'deduct', 'release', 'restock')),
  item_id     text NOT NULL REFERENCES inventory (item_id),
  quantity    integer NOT NULL CHECK (quantity >= 0),
  order_id    uuid,
  restock_id  text,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((order_id IS NOT NULL) = (type IN ('deduct', 'release'))),
  CHECK ((restock_id IS NOT NULL) = (type = 'restock')),
  -- Also what readers page by.
  PRIMARY KEY (tx, seq)
);
-- I4: at most one deduction and one release of an item per order.
CREATE UNIQUE INDEX inventory_transactions_once ON inventory_transactions (order_id, item_id, type) WHERE order_id IS NOT NULL;
-- A restock is booked once. Partial, so that the deductions, which are nearly all, are not entered into it.
CREATE UNIQUE INDEX inventory_transactions_restock ON inventory_transactions (restock_id) WHERE restock_id IS NOT NULL;
CREATE INDEX inventory_transactions_by_item ON inventory_transactions (item_id, tx, seq);

-- The first decision about an order stands for ever (I4); a repeated or late command reads it.
CREATE TABLE inventory_decisions (
  order_id    uuid PRIMARY KEY,
  outcome     text NOT NULL CHECK (outcome IN ('applied', 'refused', 'voided')),
  reason      text CHECK (reason IN ('OUT_OF_STOCK', 'ITEM_NOT_FOUND', 'ORDER_VOIDED')),
  items       jsonb NOT NULL,
  decided_at  timestamptz NOT NULL,
  released_at timestamptz,
  tx          xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CHECK ((reason IS NULL) = (outcome = 'applied')),
  CHECK (released_at IS NULL OR outcome = 'applied')
);

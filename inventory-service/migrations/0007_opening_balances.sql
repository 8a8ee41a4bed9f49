-- Per item, the sums of the ledger entries that were dropped (ADR 24).
-- I1: brought_in - taken, and the entries that are kept, add up to inventory.quantity.
CREATE TABLE opening_balances (
  item_id    text PRIMARY KEY,
  brought_in bigint NOT NULL,
  taken      bigint NOT NULL,
  -- The time of the last entry among them.
  until      timestamptz NOT NULL
);

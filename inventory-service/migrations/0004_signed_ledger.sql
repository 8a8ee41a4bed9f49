-- The ledger's entries say what they change: a deduction takes units away, everything else brings them. I1 is then a plain sum.

-- This rewrites the table and its indexes, once, under a lock that deductions wait for. An UPDATE would leave each deduction's
-- old row behind, and the table at twice its size. (tx, seq) and the recorded times stay, so every reader's position holds.
ALTER TABLE inventory_transactions DROP CONSTRAINT inventory_transactions_quantity_check;
ALTER TABLE inventory_transactions
  ALTER COLUMN quantity TYPE integer USING CASE type WHEN 'deduct' THEN -quantity ELSE quantity END;

ALTER TABLE inventory_transactions RENAME COLUMN type TO transaction_type;
ALTER TABLE inventory_transactions RENAME COLUMN quantity TO quantity_change;
ALTER TABLE inventory_transactions RENAME COLUMN recorded_at TO created_at;
ALTER TABLE inventory_transactions RENAME CONSTRAINT inventory_transactions_type_check TO inventory_transactions_transaction_type_check;
-- An item may start with nothing in stock.
ALTER TABLE inventory_transactions ADD CONSTRAINT inventory_transactions_sign_check CHECK (
  CASE transaction_type WHEN 'deduct' THEN quantity_change < 0 WHEN 'seed' THEN quantity_change >= 0 ELSE quantity_change > 0 END
);

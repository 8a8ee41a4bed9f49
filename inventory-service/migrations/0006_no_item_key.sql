-- The foreign key looked up the item of each new ledger entry. While a snapshot is held open, that passes every version of the item's row
-- since then, and each batch adds one. The statement that writes an entry takes its item from the row of the stock that it changes (inventory-store.ts).
ALTER TABLE inventory_transactions DROP CONSTRAINT inventory_transactions_item_id_fkey;

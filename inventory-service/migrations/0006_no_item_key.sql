-- Each new entry of the ledger looked its item up. While a snapshot is held open, that leads to every version of the item's row since, of which
-- each batch makes one. The statement that writes an entry takes its item from the row of the stock that it changes (inventory-store.ts).
ALTER TABLE inventory_transactions DROP CONSTRAINT inventory_transactions_item_id_fkey;

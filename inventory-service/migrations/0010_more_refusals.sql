-- Two more reasons. With a retention each part has its own check (ADR 24). NOT VALID: older rows met a stricter one.
DO $$
DECLARE part regclass;
BEGIN
  FOR part IN SELECT conrelid FROM pg_constraint WHERE conname = 'inventory_decisions_reason_check' LOOP
    EXECUTE format($f$ALTER TABLE %s DROP CONSTRAINT inventory_decisions_reason_check, ADD CONSTRAINT inventory_decisions_reason_check
      CHECK (reason IN ('OUT_OF_STOCK', 'ITEM_NOT_FOUND', 'ORDER_VOIDED', 'PRICE_CHANGED', 'CURRENCIES_DIFFER')) NOT VALID$f$, part);
  END LOOP;
END $$;

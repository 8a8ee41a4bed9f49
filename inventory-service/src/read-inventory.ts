import type { LedgerPage, LedgerQuery, ListItemsQuery } from '@valerix/contracts';
import type { Decision } from './decide.ts';
import { problem } from './errors.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { Item, StockReadsStore } from './stock-reads-store.ts';

export interface ReadInventoryDeps {
  reads: StockReadsStore;
  ledger: LedgerStore;
}

/** Reads stock, decisions and the ledger. @throws NOT_FOUND */
export function createReadInventory({ reads, ledger }: ReadInventoryDeps) {
  return {
    items: (query: ListItemsQuery) => reads.listItems(query),

    async item(itemId: string): Promise<Item> {
      const item = await reads.findItem(itemId);
      if (!item) throw problem('NOT_FOUND', `There is no item "${itemId}".`);
      return item;
    },

    async decision(orderId: string): Promise<Decision> {
      const decision = await reads.findDecision(orderId);
      if (!decision) throw problem('NOT_FOUND', `No decision was made about order ${orderId}.`);
      return decision;
    },

    ledger: (query: LedgerQuery): Promise<LedgerPage> => ledger.readLedger(query),
  };
}

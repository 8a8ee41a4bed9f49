import type { LedgerPage, LedgerQuery } from '@valerix/contracts';
import type { Decision } from './decide.ts';
import { problem } from './errors.ts';
import type { InventoryStore, Item } from './inventory-store.ts';
import type { LedgerStore } from './ledger-store.ts';

export interface ReadInventoryDeps {
  store: Pick<InventoryStore, 'listItems' | 'findItem' | 'findDecision'>;
  ledger: LedgerStore;
}

/** Reads stock, decisions and the ledger. @throws NOT_FOUND */
export function createReadInventory({ store, ledger }: ReadInventoryDeps) {
  return {
    items: (): Promise<Item[]> => store.listItems(),

    async item(itemId: string): Promise<Item> {
      const item = await store.findItem(itemId);
      if (!item) throw problem('NOT_FOUND', `There is no item "${itemId}".`);
      return item;
    },

    async decision(orderId: string): Promise<Decision> {
      const decision = await store.findDecision(orderId);
      if (!decision) throw problem('NOT_FOUND', `No decision was made about order ${orderId}.`);
      return decision;
    },

    ledger: (query: LedgerQuery): Promise<LedgerPage> => ledger.readLedger(query),
  };
}

import type { RestockBody } from '@valerix/contracts';
import type { Actor } from '@valerix/service-kit/identity/principal';
import { problem } from './errors.ts';
import type { InventoryStore } from './inventory-store.ts';
import type { Metrics } from './metrics.ts';
import type { Item, StockReadsStore } from './stock-reads-store.ts';

export interface RestockDeps {
  store: Pick<InventoryStore, 'restock'>;
  reads: Pick<StockReadsStore, 'findItem'>;
  metrics: Metrics;
}

export interface Restocked {
  item: Item;
  /** True if the id was booked before, so no units were added now. */
  replayed: boolean;
}

/**
 * Books received goods. A repeated restock id changes nothing; the answer shows the item as it is now.
 * @throws NOT_FOUND for an unknown item, RESTOCK_ID_REUSED when the id booked something else
 */
export function createRestockItem({ store, reads, metrics }: RestockDeps) {
  return async function restockItem(
    itemId: string,
    { restock_id, quantity }: RestockBody,
    actor: Actor,
  ): Promise<Restocked> {
    const result = await store.restock(itemId, restock_id, quantity, actor);
    if (!result) throw problem('NOT_FOUND', `There is no item "${itemId}".`);
    if (result.first.item_id !== itemId || result.first.quantity !== quantity) {
      throw problem(
        'RESTOCK_ID_REUSED',
        `Restock "${restock_id}" booked ${result.first.quantity} of "${result.first.item_id}".`,
      );
    }
    if (result.booked) metrics.transactions.inc({ type: 'restock' });
    return { item: (await reads.findItem(itemId)) as Item, replayed: !result.booked };
  };
}

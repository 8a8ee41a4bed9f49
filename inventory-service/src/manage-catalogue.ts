import type { AddItemBody, ChangeItemBody } from '@valerix/contracts';
import type { Actor } from '@valerix/service-kit/identity/principal';
import type { CatalogueStore } from './catalogue-store.ts';
import { problem } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { Item } from './stock-reads-store.ts';

export interface ManageCatalogueDeps {
  store: CatalogueStore;
  metrics: Pick<Metrics, 'transactions'>;
}

/** An operator's changes of the catalogue. */
export function createManageCatalogue({ store, metrics }: ManageCatalogueDeps) {
  return {
    /**
     * Adds an item, which can be ordered at once. The same request again gets the same answer, the item as it was added.
     * @throws ITEM_EXISTS if the id is taken by another item
     */
    async addItem(body: AddItemBody, actor: Actor): Promise<{ item: Item; replayed: boolean }> {
      const { isNew, added } = await store.add(body, actor);
      const fields = ['item_name', 'quantity', 'price_cents', 'currency'] as const;
      const same = fields.every((field) => added?.[field] === body[field]);
      if (!added || !same) {
        const detail = `There is an item "${body.item_id}" already, and it was added with another name, quantity, price or currency.`;
        throw problem('ITEM_EXISTS', detail, { errors: [{ field: 'item_id', message: 'is taken by another item' }] });
      }
      if (isNew) metrics.transactions.inc({ type: 'seed' });
      const { added_at: updated_at, ...item } = added;
      return { item: { ...item, reserved_quantity: 0, taken_quantity: 0, updated_at }, replayed: !isNew };
    },

    /** Renames or prices an item, for orders from now on. @throws NOT_FOUND */
    async changeItem(itemId: string, body: ChangeItemBody, actor: Actor): Promise<Item> {
      const item = await store.change(itemId, body, actor);
      if (!item) throw problem('NOT_FOUND', `There is no item "${itemId}".`);
      return item;
    },
  };
}

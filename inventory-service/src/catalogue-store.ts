import type { AddItemBody, ChangeItemBody } from '@valerix/contracts';
import type { Actor } from '@valerix/service-kit/identity/principal';
import { insertAudit } from '@valerix/service-kit/operator-audit-store';
import { type Client, type Pool, transaction } from '@valerix/service-kit/postgres';
import { ITEM, type Item } from './stock-reads-store.ts';

/** An item as it was added, whatever became of it. */
export interface AddedItem {
  item_id: string;
  item_name: string;
  quantity: number;
  price_cents: number;
  currency: string;
  added_at: Date;
}

export type CatalogueStore = ReturnType<typeof createCatalogueStore>;

/** All SQL that changes the catalogue. Each change is audited in its transaction. */
export function createCatalogueStore(pool: Pool) {
  return {
    /**
     * Adds an item and books its first stock (I1). For a known id, `added` is the item as it was added; undefined if it belongs to the
     * first catalogue.
     */
    add: (item: AddItemBody, actor: Actor): Promise<{ isNew: boolean; added: AddedItem | undefined }> =>
      transaction(pool, async (client) => {
        const added = await insertItem(client, item, actor);
        return { isNew: added !== undefined, added: added ?? (await findAdded(client, item.item_id)) };
      }),

    /** Renames or prices an item; undefined if there is none. Without a difference, nothing is written. */
    change: (itemId: string, change: ChangeItemBody, actor: Actor): Promise<Item | undefined> =>
      transaction(pool, async (client) => {
        const { rows } = await client.query<Item>(`SELECT ${ITEM} FROM inventory WHERE item_id = $1 FOR UPDATE`, [
          itemId,
        ]);
        return rows[0] && changeItem(client, rows[0], change, actor);
      }),
  };
}

async function insertItem(
  client: Client,
  { by: _typed, reason, ...item }: AddItemBody,
  actor: Actor,
): Promise<AddedItem | undefined> {
  const { rows } = await client.query<AddedItem>(
    `WITH item AS (
       INSERT INTO inventory (item_id, item_name, quantity, price_cents, currency) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (item_id) DO NOTHING RETURNING item_id, item_name, quantity, price_cents, currency
     ), seed AS (
       INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change) SELECT 'seed', item_id, quantity FROM item
     )
     INSERT INTO inventory_added (item_id, item_name, quantity, price_cents, currency) SELECT * FROM item
     RETURNING item_id, item_name, quantity, price_cents, currency, added_at`,
    [item.item_id, item.item_name, item.quantity, item.price_cents, item.currency],
  );
  if (rows[0]) await audit(client, 'add-item', item, actor, reason);
  return rows[0];
}

/** A statement of its own: the INSERT that met the conflict cannot see the row that caused it. */
async function findAdded(client: Client, itemId: string): Promise<AddedItem | undefined> {
  const { rows } = await client.query<AddedItem>('SELECT * FROM inventory_added WHERE item_id = $1', [itemId]);
  return rows[0];
}

async function changeItem(
  client: Client,
  before: Item,
  { by: _typed, reason, ...change }: ChangeItemBody,
  actor: Actor,
): Promise<Item> {
  const { item_id } = before;
  const { item_name, price_cents } = { ...before, ...change };
  if (item_name === before.item_name && price_cents === before.price_cents) return before;
  const { rows } = await client.query<Item>(
    `UPDATE inventory SET item_name = $2, price_cents = $3, updated_at = now() WHERE item_id = $1 RETURNING ${ITEM}`,
    [item_id, item_name, price_cents],
  );
  const what = {
    item_id,
    ...(item_name !== before.item_name && { item_name, former_name: before.item_name }),
    ...(price_cents !== before.price_cents && { price_cents, former_price_cents: before.price_cents }),
  };
  await audit(client, 'change-item', what, actor, reason);
  return rows[0] as Item;
}

const audit = (
  client: Client,
  action: 'add-item' | 'change-item',
  what: Record<string, unknown>,
  actor: Actor,
  why = 'not given',
) => insertAudit(client, { ...actor, action, what, why });

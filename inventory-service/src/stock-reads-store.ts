import type { ListItemsQuery } from '@valerix/contracts';
import type { Pool } from '@valerix/service-kit/postgres';
import type { Decision } from './decide.ts';

export interface Item {
  item_id: string;
  item_name: string;
  quantity: number;
  reserved_quantity: number;
  taken_quantity: number;
  price_cents: number;
  currency: string;
  updated_at: Date;
}

export type StockReadsStore = ReturnType<typeof createStockReadsStore>;

/** All SQL that only reads stock and decisions. */
export function createStockReadsStore(pool: Pool) {
  return {
    /** A page of items, in the order of their ids. */
    async listItems({ cursor, limit }: ListItemsQuery): Promise<{ items: Item[]; next_cursor: string | null }> {
      // One more than asked for tells whether there is another page. Every id is greater than ''.
      const { rows } = await pool.query<Item>(
        `SELECT ${ITEM} FROM inventory WHERE item_id > $1 ORDER BY item_id LIMIT $2`,
        [cursor ?? '', limit + 1],
      );
      const items = rows.slice(0, limit);
      return { items, next_cursor: rows.length > limit ? (items.at(-1)?.item_id ?? null) : null };
    },

    /**
     * The items that an operator may have to restock: `each` that sold out last, and `each` with the fewest units left. It reads the
     * whole table (100,000 items: 0.1 s on a busy machine). An index on the quantity would make every deduction dearer.
     */
    async scarceItems(each: number): Promise<Pick<Item, 'item_id' | 'quantity'>[]> {
      const { rows } = await pool.query<Item>(
        `(SELECT item_id, quantity FROM inventory WHERE quantity = 0 ORDER BY updated_at DESC, item_id LIMIT $1)
         UNION ALL
         (SELECT item_id, quantity FROM inventory WHERE quantity > 0 ORDER BY quantity, item_id LIMIT $1)`,
        [each],
      );
      return rows;
    },

    async findItem(itemId: string): Promise<Item | undefined> {
      const { rows } = await pool.query<Item>(`SELECT ${ITEM} FROM inventory WHERE item_id = $1`, [itemId]);
      return rows[0];
    },

    async findDecision(orderId: string): Promise<Decision | undefined> {
      const { rows } = await pool.query<DecisionRow>(
        `SELECT ${DECISION} FROM inventory_decisions WHERE order_id = $1`,
        [orderId],
      );
      return rows[0] && toDecision(rows[0]);
    },
  };
}

/** The columns of an `Item`. The column `reserved_quantity` counts every unit that is taken, as it did before there were payments. */
export const ITEM =
  'item_id, item_name, quantity, held_quantity AS reserved_quantity, reserved_quantity AS taken_quantity, price_cents, currency, updated_at';
export const DECISION = 'order_id, outcome, reason, items, prices, decided_at, released_at, held';
export type DecisionRow = Omit<Decision, 'decided_at' | 'released_at'> & { decided_at: Date; released_at: Date | null };

export function toDecision(row: DecisionRow): Decision {
  return { ...row, decided_at: row.decided_at.toISOString(), released_at: row.released_at?.toISOString() ?? null };
}

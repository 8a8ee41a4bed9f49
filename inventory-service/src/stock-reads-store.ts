import type { Pool } from '@valerix/service-kit/postgres';
import type { Decision } from './decide.ts';

export interface Item {
  item_id: string;
  item_name: string;
  quantity: number;
  reserved_quantity: number;
  price_cents: number;
  updated_at: Date;
}

export type StockReadsStore = ReturnType<typeof createStockReadsStore>;

/** All SQL that only reads stock and decisions. */
export function createStockReadsStore(pool: Pool) {
  return {
    async listItems(): Promise<Item[]> {
      const { rows } = await pool.query<Item>(
        'SELECT item_id, item_name, quantity, reserved_quantity, price_cents, updated_at FROM inventory ORDER BY item_id',
      );
      return rows;
    },

    async findItem(itemId: string): Promise<Item | undefined> {
      const { rows } = await pool.query<Item>(
        'SELECT item_id, item_name, quantity, reserved_quantity, price_cents, updated_at FROM inventory WHERE item_id = $1',
        [itemId],
      );
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

export const DECISION = 'order_id, outcome, reason, items, decided_at, released_at';
export type DecisionRow = Omit<Decision, 'decided_at' | 'released_at'> & { decided_at: Date; released_at: Date | null };

export function toDecision(row: DecisionRow): Decision {
  return { ...row, decided_at: row.decided_at.toISOString(), released_at: row.released_at?.toISOString() ?? null };
}

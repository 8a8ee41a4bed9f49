import type { LedgerEntry, LedgerQuery } from '@valerix/contracts';
import type { Pool } from '@valerix/service-kit/postgres';

interface Row {
  position: string;
  type: LedgerEntry['type'];
  item_id: string;
  quantity: number;
  order_id: string | null;
  restock_id: string | null;
  recorded_at: Date;
}

export type LedgerStore = ReturnType<typeof createLedgerStore>;

/** Reading the ledger in the order of its commits. */
export function createLedgerStore(pool: Pool) {
  return {
    /**
     * One page after a position. Entries of transactions that may still be overtaken by a running one are left for the next
     * page, so a reader that continues from its last position sees every entry exactly once.
     */
    async readLedger(query: LedgerQuery): Promise<LedgerEntry[]> {
      const values: unknown[] = (query.after ?? '0.0').split('.');
      const only = [
        ...(query.item_id ? [`AND item_id = $${values.push(query.item_id)}`] : []),
        ...(query.order_id ? [`AND order_id = $${values.push(query.order_id)}`] : []),
      ];
      const { rows } = await pool.query<Row>(
        `SELECT tx || '.' || seq AS position, type, item_id, quantity, order_id, restock_id, recorded_at
         FROM inventory_transactions
         WHERE (tx, seq) > ($1::xid8, $2::bigint) AND tx < pg_snapshot_xmin(pg_current_snapshot())
           ${only.join(' ')}
         ORDER BY tx, seq LIMIT $${values.push(query.limit)}`,
        values,
      );
      return rows.map((row) => ({ ...row, recorded_at: row.recorded_at.toISOString() }));
    },
  };
}

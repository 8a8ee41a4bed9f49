import type { LedgerEntry, LedgerQuery } from '@valerix/contracts';
import type { Pool } from '@valerix/service-kit/postgres';

interface Row {
  position: string;
  transaction_type: LedgerEntry['transaction_type'];
  item_id: string;
  quantity_change: number;
  order_id: string | null;
  restock_id: string | null;
  created_at: Date;
}

export type LedgerStore = ReturnType<typeof createLedgerStore>;

/** Reads the ledger in commit order. */
export function createLedgerStore(pool: Pool) {
  return {
    /**
     * One page after a position. It leaves out entries while an older transaction still runs, so a reader that continues from its
     * last position sees every entry exactly once.
     */
    async readLedger(query: LedgerQuery): Promise<LedgerEntry[]> {
      const values: unknown[] = (query.after ?? '0.0').split('.');
      const only = [
        ...(query.item_id ? [`AND item_id = $${values.push(query.item_id)}`] : []),
        ...(query.order_id ? [`AND order_id = $${values.push(query.order_id)}`] : []),
      ];
      const { rows } = await pool.query<Row>(
        `SELECT tx || '.' || seq AS position, transaction_type, item_id, quantity_change, order_id, restock_id, created_at
         FROM inventory_transactions
         WHERE (tx, seq) > ($1::xid8, $2::bigint) AND tx < pg_snapshot_xmin(pg_current_snapshot())
           ${only.join(' ')}
         ORDER BY tx, seq LIMIT $${values.push(query.limit)}`,
        values,
      );
      return rows.map((row) => ({ ...row, created_at: row.created_at.toISOString() }));
    },
  };
}

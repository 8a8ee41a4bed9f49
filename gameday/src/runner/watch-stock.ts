import { judgeBalance } from '../checker/check-stock.ts';
import { ITEM_LINES, ledgerLines } from '../checker/database-stream.ts';
import { judgeLedger, type StockRecord } from '../checker/judge-order.ts';
import type { Violation } from '../checker/violation.ts';
import { WatchClient } from './watch-client.ts';

// One snapshot shows stock and ledger together, so the sum is exact at every instant (I1), under load too. Each look sums only
// the new entries: no more entries can appear below `settled`.
const STOCK = `
  WITH bounds AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS settled),
  recent AS (
    SELECT item_id, tx, quantity_change FROM inventory_transactions WHERE tx >= $1::xid8
  ), sums AS (
    SELECT item_id, sum(quantity_change) AS visible, sum(quantity_change) FILTER (WHERE tx < (SELECT settled FROM bounds)) AS newly_settled
    FROM recent GROUP BY item_id
  ), opening AS (
    SELECT item_id, brought_in - taken AS opened FROM opening_balances WHERE $1::xid8 = '0'
  )
  SELECT item_id, quantity, (coalesce(visible, 0) + coalesce(opened, 0))::float8 AS visible,
    (coalesce(newly_settled, 0) + coalesce(opened, 0))::float8 AS newly_settled, (SELECT settled FROM bounds)::text AS settled
  FROM inventory LEFT JOIN sums USING (item_id) LEFT JOIN opening USING (item_id)`;

const ORDERS = `
  WITH recent AS (SELECT DISTINCT order_id FROM inventory_transactions WHERE tx >= $1::xid8 AND order_id IS NOT NULL)
  SELECT recent.order_id AS "orderId", deducted, released, CASE WHEN outcome IS NOT NULL THEN
    json_build_object('outcome', outcome, 'reason', reason, 'lines', ${ITEM_LINES}, 'released', released_at IS NOT NULL) END AS decision
  FROM recent LEFT JOIN inventory_decisions USING (order_id), LATERAL (
    SELECT ${ledgerLines('deduct')} AS deducted, ${ledgerLines('release')} AS released
    FROM inventory_transactions AS entry WHERE entry.order_id = recent.order_id
  ) AS ledger`;

interface StockRow {
  item_id: string;
  quantity: number;
  visible: number;
  newly_settled: number;
  settled: string;
}

/** Follows the ledger and reports violations of I1, I2 and I4 as soon as they are committed; reads only new entries. */
export class StockWatch {
  readonly #client: WatchClient;
  #since = '0';
  readonly #settled = new Map<string, number>();

  constructor(url: string) {
    this.#client = new WatchClient(url);
  }

  /** @returns what is wrong now @throws when the database cannot be read; the next look catches up */
  async look(): Promise<Violation[]> {
    const orders = await this.#client.rows<StockRecord>(ORDERS, [this.#since]);
    const rows = await this.#client.rows<StockRow>(STOCK, [this.#since]);
    const found = [...orders.flatMap(judgeLedger), ...rows.flatMap((row) => this.#judgeItem(row))];
    this.#since = rows[0]?.settled ?? this.#since;
    return found;
  }

  close = (): Promise<void> => this.#client.close();

  #judgeItem({ item_id, quantity, visible, newly_settled }: StockRow): Violation[] {
    const before = this.#settled.get(item_id) ?? 0;
    this.#settled.set(item_id, before + newly_settled);
    return judgeBalance(item_id, quantity, before + visible);
  }
}

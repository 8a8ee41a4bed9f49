import pg from 'pg';
import { judgeLedger } from '../checker/judge-order.ts';
import type { Violation } from '../checker/violation.ts';

// One snapshot sees stock and ledger together, so the sum is exact at every instant (I1), also under load. Only what is new
// since the last look is added up: entries below `settled` can get no company any more.
const STOCK = `
  WITH bounds AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS settled),
  recent AS (
    SELECT item_id, tx, quantity_change FROM inventory_transactions WHERE tx >= $1::xid8
  ), sums AS (
    SELECT item_id, sum(quantity_change) AS visible, sum(quantity_change) FILTER (WHERE tx < (SELECT settled FROM bounds)) AS newly_settled
    FROM recent GROUP BY item_id
  )
  SELECT item_id, quantity, coalesce(visible, 0)::float8 AS visible, coalesce(newly_settled, 0)::float8 AS newly_settled,
    (SELECT settled FROM bounds)::text AS settled
  FROM inventory LEFT JOIN sums USING (item_id)`;

const LINES = (type: string) =>
  `coalesce(string_agg(item_id || ':' || abs(quantity_change), ',' ORDER BY item_id COLLATE "C") FILTER (WHERE transaction_type = '${type}'), '')`;
const ORDERS = `
  WITH recent AS (SELECT DISTINCT order_id FROM inventory_transactions WHERE tx >= $1::xid8 AND order_id IS NOT NULL)
  SELECT recent.order_id, outcome, reason, released_at IS NOT NULL AS given_back, deducted, released,
    (SELECT string_agg(line->>'item_id' || ':' || (line->>'quantity'), ',' ORDER BY line->>'item_id' COLLATE "C")
     FROM jsonb_array_elements(items) AS line) AS lines
  FROM recent LEFT JOIN inventory_decisions USING (order_id), LATERAL (
    SELECT ${LINES('deduct')} AS deducted, ${LINES('release')} AS released
    FROM inventory_transactions AS entry WHERE entry.order_id = recent.order_id
  ) AS ledger`;

interface StockRow {
  item_id: string;
  quantity: number;
  visible: number;
  newly_settled: number;
  settled: string;
}
interface OrderRow {
  order_id: string;
  outcome: string | null;
  reason: string | null;
  given_back: boolean;
  lines: string | null;
  deducted: string;
  released: string;
}

/** Follows the ledger and names what breaks I1, I2 or I4, at the moment it is committed; only new entries are read. */
export class StockWatch {
  readonly #url: string;
  #client: pg.Client | undefined;
  #since = '0';
  readonly #settled = new Map<string, number>();

  constructor(url: string) {
    this.#url = url;
  }

  /** What is wrong now. @throws when the database cannot be asked; the next look catches up */
  async look(): Promise<Violation[]> {
    try {
      const client = await this.#connected();
      const orders = await client.query<OrderRow>(ORDERS, [this.#since]);
      const { rows } = await client.query<StockRow>(STOCK, [this.#since]);
      const found = [...orders.rows.flatMap(judge), ...rows.flatMap((row) => this.#judgeItem(row))];
      this.#since = rows[0]?.settled ?? this.#since;
      return found;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'gameday-watch',
      connectionTimeoutMillis: 1_000,
      query_timeout: 5_000,
    });
    client.on('error', () => {});
    await client.connect();
    this.#client = client;
    return client;
  }

  #judgeItem({ item_id: subject, quantity, visible, newly_settled }: StockRow): Violation[] {
    const before = this.#settled.get(subject) ?? 0;
    this.#settled.set(subject, before + newly_settled);
    const booked = before + visible;
    const found: Violation[] = [];
    if (booked !== quantity) {
      const detail = `the ledger comes to ${booked}, the stock says ${quantity} (${quantity - booked})`;
      found.push({ invariant: 'I1', class: 'drift', subject, detail });
    }
    if (quantity < 0) found.push({ invariant: 'I2', class: 'oversold', subject, detail: `the stock is ${quantity}` });
    return found;
  }
}

function judge({ order_id, outcome, reason, given_back, lines, deducted, released }: OrderRow): Violation[] {
  const decision = outcome === null ? undefined : { outcome, reason, lines: lines ?? '', released: given_back };
  return judgeLedger({ orderId: order_id, decision, deducted, released });
}

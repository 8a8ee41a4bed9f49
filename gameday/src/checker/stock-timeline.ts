import { rowsOf, type Snapshot } from './database-stream.ts';

// A ledger row has the start time of its transaction but counts from the commit; the services' timeouts bound the difference.
const SLACK_MS = 10_000;
const BLOCK = 256;

/** Only these items are asked about. */
const REFUSED_ITEMS = `
  SELECT line->>'item_id' FROM inventory_decisions, jsonb_array_elements(items) AS line WHERE outcome = 'refused'`;

interface Series {
  used: number;
  at: Float64Array;
  balance: Int32Array;
  /** The lowest balance of each block: a long window is read block by block. */
  lowest: Int32Array;
  /** Before this time, milliseconds, entries are missing: they were dropped, and the opening balance holds only their sum. */
  knownFromMs: number;
}

/** The stock over time of each item of which an order was refused: 12 bytes per ledger entry. */
export class StockTimeline {
  readonly #items = new Map<string, Series>();

  static async read(client: Snapshot): Promise<StockTimeline> {
    const timeline = new StockTimeline();
    const { rows } = await client.query<{ item_id: string; entries: string; until: number }>(
      `SELECT item_id, count(tx) AS entries, coalesce(extract(epoch FROM max(until)) * 1000, 0)::float8 AS until
       FROM inventory_transactions FULL JOIN opening_balances USING (item_id)
       WHERE item_id IN (${REFUSED_ITEMS}) GROUP BY item_id`,
    );
    for (const { item_id, entries, until } of rows) timeline.#items.set(item_id, newSeries(Number(entries), until));
    const sql = `SELECT item_id AS item, extract(epoch FROM created_at)::float8 * 1000 AS at,
        (sum(quantity_change) OVER (PARTITION BY item_id ORDER BY tx, seq) + coalesce(brought_in - taken, 0))::integer AS balance
      FROM inventory_transactions LEFT JOIN opening_balances USING (item_id)
      WHERE item_id IN (${REFUSED_ITEMS}) ORDER BY item_id, tx, seq`;
    for await (const batch of rowsOf<{ item: string; at: number; balance: number }>(client, 'stock_timeline', sql)) {
      for (const { item, at, balance } of batch) put(timeline.#items.get(item) as Series, at, balance);
    }
    return timeline;
  }

  /** True when the item existed at every moment around `time`, milliseconds. */
  knew(item: string, time: number): boolean {
    const series = this.#items.get(item);
    const first = series && (series.knownFromMs || series.at[0]);
    return first !== undefined && first <= time - SLACK_MS;
  }

  /** True when there were fewer than `quantity` units of the item at some moment around `time`, milliseconds. */
  wasShort(item: string, quantity: number, time: number): boolean {
    const series = this.#items.get(item);
    if (!series || time - SLACK_MS < series.knownFromMs) return true;
    const last = lastUntil(series.at, time);
    if (last < 0 || (series.balance[last] as number) < quantity) return true;
    const first = Math.max(0, lastUntil(series.at, time - SLACK_MS));
    const end = lastUntil(series.at, time + SLACK_MS);
    for (let index = first; index <= end; index++) {
      const block = index / BLOCK;
      if (Number.isInteger(block) && index + BLOCK <= end + 1) {
        if ((series.lowest[block] as number) < quantity) return true;
        index += BLOCK - 1;
      } else if ((series.balance[index] as number) < quantity) {
        return true;
      }
    }
    return false;
  }
}

const newSeries = (entries: number, knownFromMs: number): Series => ({
  knownFromMs,
  used: 0,
  at: new Float64Array(entries),
  balance: new Int32Array(entries),
  lowest: new Int32Array(Math.ceil(entries / BLOCK)).fill(0x7fffffff),
});

function put(series: Series, time: number, value: number): void {
  const index = series.used++;
  // Times may step back by the length of a transaction; the binary search needs them in order.
  series.at[index] = Math.max(time, series.at[index - 1] ?? 0);
  series.balance[index] = value;
  const block = Math.floor(index / BLOCK);
  series.lowest[block] = Math.min(series.lowest[block] as number, value);
}

/** The index of the last time that is not after `time`; -1 when all are later. */
function lastUntil(at: Float64Array, time: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((at[middle] as number) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

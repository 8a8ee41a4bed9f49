import type pg from 'pg';
import { rowsOf } from './database-stream.ts';

// A transaction's rows carry the time of its start; they count when it commits, which the services' timeouts bound.
const SLACK_MS = 10_000;
const BLOCK = 256;

interface Series {
  at: Float64Array;
  balance: Int32Array;
  /** The lowest balance of each block, so that a long window is not read entry by entry. */
  lowest: Int32Array;
}

/** How much of each item there was, over time: 12 bytes an entry of the ledger. */
export class StockTimeline {
  readonly #items = new Map<string, Series>();

  static async read(client: pg.Client): Promise<StockTimeline> {
    const timeline = new StockTimeline();
    const { rows } = await client.query<{ item_id: string; entries: string }>(
      'SELECT item_id, count(*) AS entries FROM inventory_transactions GROUP BY item_id',
    );
    for (const { item_id, entries } of rows) timeline.#items.set(item_id, newSeries(Number(entries)));
    const used = new Map<string, number>();
    const sql = `SELECT item_id, extract(epoch FROM created_at)::float8 * 1000,
        sum(quantity_change) OVER (PARTITION BY item_id ORDER BY tx, seq)::integer
      FROM inventory_transactions ORDER BY item_id, tx, seq`;
    for await (const batch of rowsOf(client, 'stock_timeline', sql)) {
      for (const [item, at, balance] of batch as [string, number, number][]) {
        const index = used.get(item) ?? 0;
        used.set(item, index + 1);
        put(timeline.#items.get(item) as Series, index, at, balance);
      }
    }
    return timeline;
  }

  knows(item: string): boolean {
    return this.#items.has(item);
  }

  /** True when there were fewer than `quantity` of the item at some moment between the two times, milliseconds. */
  wasShort(item: string, quantity: number, from: number, to: number): boolean {
    const series = this.#items.get(item);
    if (!series) return true;
    const last = lastUntil(series.at, to);
    if (last < 0 || (series.balance[last] as number) < quantity) return true;
    const first = Math.max(0, lastUntil(series.at, from - SLACK_MS));
    const end = lastUntil(series.at, to + SLACK_MS);
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

function newSeries(entries: number): Series {
  const lowest = new Int32Array(Math.ceil(entries / BLOCK)).fill(0x7fffffff);
  return { at: new Float64Array(entries), balance: new Int32Array(entries), lowest };
}

function put({ at, balance, lowest }: Series, index: number, time: number, value: number): void {
  // Times may step back by the length of a transaction; the search needs them in order.
  at[index] = Math.max(time, at[index - 1] ?? 0);
  balance[index] = value;
  const block = Math.floor(index / BLOCK);
  lowest[block] = Math.min(lowest[block] as number, value);
}

/** The index of the last time that is not after `time`; -1 when all are. */
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

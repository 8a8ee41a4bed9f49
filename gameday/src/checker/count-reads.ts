import { isSettled, QUEUE_COUNT_LIMIT } from '@valerix/contracts';
import type { HistoryLine } from '../workload/history.ts';
import type { Snapshot, StreamedOrder } from './database-stream.ts';
import type { StockRecord } from './judge-order.ts';
import { type KnownTimes, seconds } from './read-index.ts';
import { type Violation, violation } from './violation.ts';

/** A count of the queue may be a second old when it is sent, and counting may take as long as the time limit of a statement. */
const QUEUE_AGE_MS = 5_000;
const FINEST_MS = 10;
const MOST_BUCKETS = 100_000;

/**
 * The lowest and the highest value that a count can have had in each bucket of time, 10 ms or wider. A change of unknown time loosens a
 * bound from the first moment at which it may have happened, and tightens the other from the first moment at which it had.
 */
class Bounds {
  readonly #widthMs: number;
  readonly #low: Int32Array;
  readonly #high: Int32Array;

  constructor(endMs: number) {
    this.#widthMs = Math.max(FINEST_MS, endMs / MOST_BUCKETS);
    const buckets = Math.floor(endMs / this.#widthMs) + 1;
    [this.#low, this.#high] = [new Int32Array(buckets), new Int32Array(buckets)];
  }

  low = (atMs: number, change: number): void => this.#step(this.#low, atMs, change, change > 0);
  high = (atMs: number, change: number): void => this.#step(this.#high, atMs, change, change < 0);

  /** A bucket keeps the looser bound of its moments, so a tighter one begins with the next. */
  #step(bound: Int32Array, atMs: number, change: number, tightens: boolean): void {
    const bucket = Math.max(0, Math.floor(atMs / this.#widthMs) + (tightens ? 1 : 0));
    if (bucket < bound.length) bound[bucket] = (bound[bucket] as number) + change;
  }

  /** Call it once, after the last change. */
  close(): this {
    for (const bound of [this.#low, this.#high]) {
      for (let bucket = 1; bucket < bound.length; bucket++)
        bound[bucket] = (bound[bucket] as number) + (bound[bucket - 1] as number);
    }
    return this;
  }

  /** Undefined when the value was possible at some moment; otherwise the bounds at the last one, in words. */
  misfit(value: number, fromMs: number, toMs: number, cap = Number.POSITIVE_INFINITY): string | undefined {
    const last = Math.min(this.#low.length - 1, Math.floor(toMs / this.#widthMs));
    for (let bucket = Math.max(0, Math.floor(fromMs / this.#widthMs)); bucket <= last; bucket++) {
      if (Math.min(this.#low[bucket] as number, cap) <= value && value <= (this.#high[bucket] as number))
        return undefined;
    }
    return `${this.#low[last]} to ${this.#high[last]}`;
  }
}

const BROUGHT = `
  SELECT item_id AS item, coalesce(sum(quantity_change) FILTER (WHERE restock_id IS NULL OR starts_with(restock_id, $1)), 0)::float8 AS first,
    sum(quantity_change)::float8 AS all
  FROM inventory_transactions WHERE order_id IS NULL GROUP BY item_id ORDER BY item_id`;

/**
 * Judges the reads of stock (R4) and of the queue (R5) against the ledger and the timelines. Each order moves a count at unknown moments
 * between its client's question and the answer, or for ever after; a read fits if the value was possible at some moment of it.
 * That is necessary for linearizability, and not sufficient: two reads that each fit may contradict each other. Linear in orders and
 * reads; memory does not grow with the orders. Only for databases that were empty before the run.
 */
export class CountReads {
  readonly #reads: readonly HistoryLine[];
  readonly #endMs: number;
  readonly #queue: Bounds;
  readonly #stock = new Map<string, Bounds>();
  /** By item, the units that came in beside the orders: before the load, and by the end. */
  readonly #brought = new Map<string, { first: number; all: number }>();

  constructor({ counted, endMs }: { counted: readonly HistoryLine[]; endMs: number }) {
    this.#reads = counted;
    this.#endMs = endMs;
    this.#queue = new Bounds(endMs);
  }

  /** Takes an order with its records, and what its client knew when. */
  order({ status, events, deadLettered }: StreamedOrder, stock: StockRecord | undefined, known: KnownTimes): void {
    const waited = ['order.queued', 'order.compensating', 'order.cancelling'].filter((event) => events.includes(event));
    if (waited.length > 0) {
      this.#queue.high(waited[0] === 'order.cancelling' ? known.cancelAsked : known.asked, 1);
      if (isSettled(status)) this.#queue.high(known[status], -1);
    }
    if (known.stillQueued > known.queued && !deadLettered && !events.includes('order.dead_lettered')) {
      this.#queue.low(known.queued, 1);
      this.#queue.low(known.stillQueued, -1);
    }
    for (const [item, units] of linesOf(stock?.deducted)) this.#deduction(item, units, stock?.released !== '', known);
  }

  #deduction(
    item: string,
    units: number,
    released: boolean,
    { asked, confirmed, cancelAsked, cancelled }: KnownTimes,
  ): void {
    const bounds = this.#boundsOf(item);
    bounds.low(asked, -units);
    if (released) bounds.low(cancelled, units);
    const givenBack = released ? cancelAsked : Number.POSITIVE_INFINITY;
    if (confirmed >= givenBack) return;
    bounds.high(confirmed, -units);
    bounds.high(givenBack, units);
  }

  /** Reads what came in beside the orders. `prefix` names the restocks made before the load. */
  async readBrought(client: Pick<Snapshot, 'query'>, prefix: string): Promise<void> {
    const { rows } = await client.query<{ item: string; first: number; all: number }>(BROUGHT, [prefix]);
    for (const { item, first, all } of rows) {
      this.#brought.set(item, { first, all });
      this.#boundsOf(item).low(-1, first);
      this.#boundsOf(item).high(-1, all);
    }
  }

  /** Call it after the last order. */
  finish(): Violation[] {
    for (const bounds of this.#stock.values()) bounds.close();
    this.#queue.close();
    return this.#reads.flatMap((read) => (read.what === 'queue' ? this.#judgeDepth(read) : this.#judgeStock(read)));
  }

  #judgeStock({ sent = 0, t, stock = {} }: HistoryLine): Violation[] {
    return Object.entries(stock).flatMap(([item, [quantity, reserved]]) => {
      const { first, all } = this.#brought.get(item) ?? { first: 0, all: 0 };
      const seen = `a read sent at ${seconds(sent)} showed ${quantity}`;
      const owned = quantity + reserved;
      if (owned < first || owned > all) {
        const detail = `${seen} and ${reserved} reserved; there were ${first}${all > first ? ` to ${all}` : ''} in all`;
        return [violation('R4', 'drift', item, detail)];
      }
      const possible = this.#boundsOf(item).misfit(quantity, sent, t);
      return possible ? [violation('R4', 'stale', item, `${seen}; possible were ${possible}`)] : [];
    });
  }

  #judgeDepth({ sent = 0, t, depth = 0 }: HistoryLine): Violation[] {
    const possible = this.#queue.misfit(depth, sent - QUEUE_AGE_MS, t, QUEUE_COUNT_LIMIT);
    if (!possible) return [];
    return [
      violation('R5', 'stale', 'queue', `a read sent at ${seconds(sent)} counted ${depth}; possible were ${possible}`),
    ];
  }

  #boundsOf(item: string): Bounds {
    const known = this.#stock.get(item) ?? new Bounds(this.#endMs);
    this.#stock.set(item, known);
    return known;
  }
}

/** The items and units of canonical lines. */
function linesOf(lines = ''): [item: string, units: number][] {
  if (lines === '') return [];
  return lines
    .split(',')
    .map((line) => [line.slice(0, line.lastIndexOf(':')), Number(line.slice(line.lastIndexOf(':') + 1))]);
}

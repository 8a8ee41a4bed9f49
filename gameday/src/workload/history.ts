import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { OrderStatus } from '@valerix/contracts';

/** What a client does: place an order, repeat it, reuse its key, cancel it, or read. */
export type Action = 'place' | 'replay' | 'reuse' | 'cancel' | 'read';

/** What is read: one order, a page of orders, the stock of items, or the state of the queue. */
export type ReadKind = 'order' | 'page' | 'stock' | 'queue';

/** The `op` of a read that is not about one order. */
export const NO_ORDER = -1;

/**
 * One line of the history. `invoke` comes before anything is sent; then exactly one of `ok` (the system answered), `fail` (it
 * certainly did not happen) and `unknown` (it may have happened). A read changes nothing, so its one line, at its end, is enough.
 */
export interface HistoryLine {
  /** Milliseconds after the start of the run. */
  t: number;
  /** The order concerned, by the number of the operation that placed it. */
  op: number;
  f: Action;
  type: 'invoke' | 'ok' | 'fail' | 'unknown';
  key?: string;
  /** Canonical: `item:quantity` by item. */
  items?: string;
  /** True for an order that is paid at once. */
  pays?: boolean;
  /** When the client meant to start; latency counts from then. */
  intended?: number;
  latency?: number;
  attempts?: number;
  status?: number;
  order_id?: string;
  /** Of the answer's body. */
  md5?: string;
  /** The order's status, if the answer contains it. */
  state?: string;
  error?: string;
  // The rest is about reads only.
  what?: ReadKind;
  /** When it was sent, milliseconds after the start of the run, and to which replica. */
  sent?: number;
  replica?: number;
  page?: PageAsked;
  /** The orders of a page that belong to this run, newest first, as operation and status. */
  orders?: [op: number, status: OrderStatus][];
  /** By item: `quantity` and `taken_quantity`. */
  stock?: Record<string, [quantity: number, reserved: number]>;
  /** Of the queue. */
  depth?: number;
}

/** Which orders a page must have: those that meet every condition given. */
export interface PageAsked {
  status?: OrderStatus;
  /** Only this operation's order, found by its key. */
  of?: number;
  /** Older than this order: the page continues another. */
  before?: string;
  /** The last order of the page, if another page follows. */
  last?: string;
}

/** Milliseconds as the history has them. Rounding keeps their order. */
export const tenths = (ms: number): number => Math.round(ms * 10) / 10;

/** The time in an order's id, a UUIDv7, milliseconds; NaN in no id. */
export const timeIn = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16);

export type History = ReturnType<typeof openHistory>;

/** A history in a file; `tap` also sees every line. Lines are buffered; after `close` all of them are in the file. */
export function openHistory(file: string, tap: (line: HistoryLine) => void = () => {}) {
  const stream = createWriteStream(file, { highWaterMark: 1 << 20 });
  let pending = '';
  const flush = () => {
    if (pending) stream.write(pending);
    pending = '';
  };
  const timer = setInterval(flush, 200);
  return {
    write(line: HistoryLine): void {
      pending += `${JSON.stringify(line)}\n`;
      if (pending.length > 1 << 16) flush();
      tap(line);
    },
    async close(): Promise<void> {
      clearInterval(timer);
      flush();
      stream.end();
      await finished(stream);
    },
  };
}

/** The lines of a history, in order. Skips a torn last line, which a killed run may leave. */
export async function* readHistory(file: string): AsyncGenerator<HistoryLine> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    let parsed: HistoryLine;
    try {
      parsed = JSON.parse(line);
    } catch {
      continue;
    }
    yield parsed;
  }
}

import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';

/** What a client does: place an order, repeat it, reuse its key, cancel it, or follow it to its end. */
export type Action = 'place' | 'replay' | 'reuse' | 'cancel' | 'follow';

/**
 * One line of the history. `invoke` comes before anything is sent; then exactly one of `ok` (the system answered), `fail` (it
 * certainly did not happen) and `unknown` (it may have happened).
 */
export interface HistoryLine {
  /** Milliseconds after the start of the run. */
  t: number;
  op: number;
  f: Action;
  type: 'invoke' | 'ok' | 'fail' | 'unknown';
  key?: string;
  /** Canonical: `item:quantity` by item. */
  items?: string;
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
}

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

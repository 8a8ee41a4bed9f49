import type { OrderEvent } from '@valerix/contracts';
import type { LiveOrders, LiveSnapshot } from '../live/live-types.ts';
import { formatEvent } from './event-stream.ts';

/** Browsers that may watch at once. */
const MAX_WATCHERS = 500;
/** A watcher this many messages behind is dropped; its browser reconnects and gets a fresh snapshot. */
const MAX_BACKLOG = 30;
/** Transitions are sent in batches this often, and at most this many in each: a browser cannot show more. */
const BATCH_MS = 250;
const BATCH_SIZE = 25;

type Controller = ReadableStreamDefaultController<Uint8Array>;

/** Sends what is live to every watching browser. Each message is encoded once. */
export class LiveHub {
  readonly #watchers = new Set<Controller>();
  readonly #encoder = new TextEncoder();
  #batch: OrderEvent[] = [];
  #skipped = 0;
  #timer: NodeJS.Timeout | undefined;

  get watchers(): number {
    return this.#watchers.size;
  }

  /** A stream that starts with the snapshot, or `null` when too many watch already. */
  watch(snapshot: LiveSnapshot, signal: AbortSignal): ReadableStream<Uint8Array> | null {
    if (this.#watchers.size >= MAX_WATCHERS) return null;
    // The snapshot holds what waits here already: only those who came before still need it.
    this.#flush();
    let mine: Controller | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          mine = controller;
          this.#watchers.add(controller);
          signal.addEventListener('abort', () => this.#drop(controller), { once: true });
          controller.enqueue(this.#encoder.encode(`retry: 1000\n\n${formatEvent('snapshot', snapshot)}`));
        },
        cancel: () => {
          if (mine !== undefined) this.#watchers.delete(mine);
        },
      },
      { highWaterMark: MAX_BACKLOG },
    );
  }

  send(event: string, data: unknown): void {
    if (this.#watchers.size === 0) return;
    const bytes = this.#encoder.encode(formatEvent(event, data));
    for (const watcher of this.#watchers) {
      if ((watcher.desiredSize ?? 0) <= 0) this.#drop(watcher);
      else watcher.enqueue(bytes);
    }
  }

  /** Adds a transition to the next batch. Of a flood the newest are sent and the rest counted. */
  sendOrder(event: OrderEvent): void {
    if (this.#watchers.size === 0) return;
    this.#batch.push(event);
    if (this.#batch.length > BATCH_SIZE) {
      this.#batch.shift();
      this.#skipped += 1;
    }
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) this.#drop(watcher);
  }

  #flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    const message: LiveOrders = { events: this.#batch, skipped: this.#skipped };
    this.#batch = [];
    this.#skipped = 0;
    this.#timer = undefined;
    this.send('orders', message);
  }

  #drop(watcher: Controller): void {
    if (!this.#watchers.delete(watcher)) return;
    try {
      watcher.close();
    } catch {
      // Cancelled from the other side in the meantime: there is nothing left to close.
    }
  }
}

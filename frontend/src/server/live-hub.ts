import type { OrderEvent } from '@valerix/contracts';
import type { LiveOrders, LiveSecond, LiveSnapshot, LiveState } from '../live/live-types.ts';
import { formatEvent } from './event-stream.ts';

/** What a browser that may not see orders is shown: no transitions, and of violations only their invariants. */
export const withoutOrders = (snapshot: LiveSnapshot): LiveSnapshot => ({
  ...snapshot,
  state: snapshot.state && stateWithoutOrders(snapshot.state),
  events: [],
});

function stateWithoutOrders(state: LiveState): LiveState {
  const { value } = state.integrity;
  if (value === null || value.violations.length === 0) return state;
  const violations = value.violations.map((one) => ({ ...one, subject: 'hidden', detail: 'Operators see which.' }));
  return { ...state, integrity: { ...state.integrity, value: { ...value, violations } } };
}

/** The largest number of browsers that watch at once. */
const MAX_WATCHERS = 500;
/** A watcher that is this many messages behind is dropped; its browser reconnects and gets a fresh snapshot. */
const MAX_BACKLOG = 30;
/** The interval and the largest size of a batch of transitions: a browser cannot show more. */
const BATCH_MS = 250;
const BATCH_SIZE = 25;

type Controller = ReadableStreamDefaultController<Uint8Array>;

/** Sends the live data to every watching browser; each message is encoded once for those who see orders, once for the others. */
export class LiveHub {
  /** Each with whether it may see orders. */
  readonly #watchers = new Map<Controller, boolean>();
  readonly #encoder = new TextEncoder();
  #batch: OrderEvent[] = [];
  #skipped = 0;
  #timer: NodeJS.Timeout | undefined;

  get watchers(): number {
    return this.#watchers.size;
  }

  /**
   * A stream that starts with the snapshot, or `null` if too many browsers already watch.
   * @param seesOrders whether the transitions of all orders are for this browser
   */
  watch(snapshot: LiveSnapshot, signal: AbortSignal, seesOrders: boolean): ReadableStream<Uint8Array> | null {
    if (this.#watchers.size >= MAX_WATCHERS) return null;
    // The snapshot includes the current batch, which only earlier watchers still need.
    this.#flush();
    let mine: Controller | undefined;
    const first = seesOrders ? snapshot : withoutOrders(snapshot);
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          mine = controller;
          this.#watchers.set(controller, seesOrders);
          signal.addEventListener('abort', () => this.#drop(controller), { once: true });
          controller.enqueue(this.#encoder.encode(`retry: 1000\n\n${formatEvent('snapshot', first)}`));
        },
        cancel: () => {
          if (mine !== undefined) this.#watchers.delete(mine);
        },
      },
      { highWaterMark: MAX_BACKLOG },
    );
  }

  sendSecond(second: LiveSecond): void {
    const state = stateWithoutOrders(second.state);
    this.#send('second', second, true);
    this.#send('second', { ...second, state }, false);
  }

  /** To the browsers that see orders, or to those that do not. */
  #send(event: string, data: unknown, toThoseWhoSee: boolean): void {
    const watchers = [...this.#watchers].filter(([, seesOrders]) => seesOrders === toThoseWhoSee);
    if (watchers.length === 0) return;
    const bytes = this.#encoder.encode(formatEvent(event, data));
    for (const [watcher] of watchers) {
      if ((watcher.desiredSize ?? 0) <= 0) this.#drop(watcher);
      else watcher.enqueue(bytes);
    }
  }

  /** Adds a transition to the next batch. In a flood the newest are kept and the rest are counted. */
  sendOrder(event: OrderEvent): void {
    if (this.#watchers.size === 0) return;
    this.#batch.push(event);
    if (this.#batch.length > BATCH_SIZE) {
      this.#batch.shift();
      this.#skipped += 1;
    }
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  /** Ends every stream. The browsers come back within a second or two. */
  endAll(): void {
    for (const watcher of this.#watchers.keys()) this.#drop(watcher);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.endAll();
  }

  #flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    const message: LiveOrders = { events: this.#batch, skipped: this.#skipped };
    this.#batch = [];
    this.#skipped = 0;
    this.#timer = undefined;
    this.#send('orders', message, true);
  }

  #drop(watcher: Controller): void {
    if (!this.#watchers.delete(watcher)) return;
    try {
      watcher.close();
    } catch {
      // The browser has already cancelled it.
    }
  }
}

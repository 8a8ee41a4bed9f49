import type { OrderEvent } from '@valerix/contracts';
import {
  EVENTS_KEPT,
  type LiveOrders,
  type LivePoint,
  type LiveSecond,
  type LiveSnapshot,
  type LiveState,
  POINTS_KEPT,
} from '../live/live-types.ts';

export interface Live {
  readonly connection: 'connecting' | 'open' | 'lost';
  readonly state: LiveState | null;
  readonly points: readonly LivePoint[];
  /** Newest last. */
  readonly events: readonly OrderEvent[];
  /** Transitions that were too many to show since the page opened. */
  readonly skipped: number;
  /** When the last message of any kind came, by this browser's clock; `null` before the first. */
  readonly received_at_ms: number | null;
}

const EMPTY: Live = { connection: 'connecting', state: null, points: [], events: [], skipped: 0, received_at_ms: null };

/** A hidden tab gives its connection back: browsers allow six per host, and six open tabs would block the seventh. */
const HIDDEN_MS = 30_000;
const RECONNECT_MS = 2_000;

/** Follows `GET /api/live` while anyone listens, and holds the last five minutes. */
export class LiveStore {
  #live: Live = EMPTY;
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#end();
    };
  };

  readonly get = (): Live => this.#live;
  readonly getServer = (): Live => EMPTY;

  #begin(): void {
    document.addEventListener('visibilitychange', this.#visibility);
    this.#open();
  }

  #end(): void {
    document.removeEventListener('visibilitychange', this.#visibility);
    clearTimeout(this.#timer);
    this.#close();
  }

  readonly #visibility = (): void => {
    clearTimeout(this.#timer);
    if (document.hidden) this.#timer = setTimeout(() => this.#close(), HIDDEN_MS);
    else if (this.#source === null) this.#open();
  };

  #open(): void {
    const source = new EventSource('/api/live');
    this.#source = source;
    source.addEventListener('snapshot', (event) => {
      const { state, points, events } = JSON.parse(event.data) as LiveSnapshot;
      this.#set({ connection: 'open', state, points, events });
    });
    source.addEventListener('second', (event) => {
      const { state, point } = JSON.parse(event.data) as LiveSecond;
      this.#set({ connection: 'open', state, points: [...this.#live.points.slice(1 - POINTS_KEPT), point] });
    });
    source.addEventListener('orders', (event) => {
      const { events, skipped } = JSON.parse(event.data) as LiveOrders;
      const all = [...this.#live.events, ...events].slice(-EVENTS_KEPT);
      this.#set({ events: all, skipped: this.#live.skipped + skipped });
    });
    source.onerror = () => {
      this.#live = { ...this.#live, connection: 'lost' };
      this.#notify();
      if (source.readyState !== EventSource.CLOSED || this.#source !== source) return;
      this.#close();
      this.#timer = setTimeout(() => this.#open(), RECONNECT_MS);
    };
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
  }

  #set(change: Partial<Live>): void {
    this.#live = { ...this.#live, ...change, received_at_ms: Date.now() };
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

import type { OrderEvent } from '@valerix/contracts';
import { withPoint } from '../live/history.ts';
import type { LiveOrders, LiveSecond, LiveSnapshot } from '../live/live-types.ts';
import { EVENTS_KEPT } from '../live/live-types.ts';
import { PageStream } from './page-stream.ts';

export interface Live extends LiveSnapshot {
  readonly connection: 'connecting' | 'open' | 'lost';
  /** The number of transitions, since the page opened, that came too fast to show. */
  readonly skipped: number;
  /** The time of the last message, by this browser's clock; `null` before the first. */
  readonly received_at_ms: number | null;
}

const EMPTY: Live = { connection: 'connecting', state: null, points: [], events: [], skipped: 0, received_at_ms: null };

/** The newest transitions, oldest first, without duplicates. */
export function withNew(known: readonly OrderEvent[], more: readonly OrderEvent[]): OrderEvent[] {
  const ids = new Set(known.map((event) => event.event_id));
  return [...known, ...more.filter((event) => !ids.has(event.event_id))].slice(-EVENTS_KEPT);
}

/** Follows `GET /api/live` while it has listeners, and holds the last hour. */
export class LiveStore {
  #live: Live = EMPTY;
  #stream: PageStream | undefined;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#stream ??= this.#follow();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stream?.close();
      this.#stream = undefined;
    };
  };

  readonly get = (): Live => this.#live;
  readonly getServer = (): Live => EMPTY;

  #follow(): PageStream {
    return new PageStream({
      path: '/api/live',
      poll: '/api/live/now',
      on: {
        snapshot: (json) => {
          const { state, points, events } = json as LiveSnapshot;
          this.#set({ connection: 'open', state, points, events });
        },
        second: (json) => {
          const { state, point } = json as LiveSecond;
          this.#set({ connection: 'open', state, points: withPoint(this.#live.points, point) });
        },
        orders: (json) => {
          const { events, skipped } = json as LiveOrders;
          this.#set({ events: withNew(this.#live.events, events), skipped: this.#live.skipped + skipped });
        },
      },
      onLost: () => {
        this.#live = { ...this.#live, connection: 'lost' };
        this.#notify();
      },
    });
  }

  #set(change: Partial<Live>): void {
    this.#live = { ...this.#live, ...change, received_at_ms: Date.now() };
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

import type { OrderEvent } from '@valerix/contracts';

/** A flood of queued orders takes no more memory than this; the oldest are forgotten. */
const REMEMBERED = 5_000;

/** Notices the orders that were accepted with 202 and failed afterwards, by the transitions that a page hears of. */
export class FailedLater {
  readonly #queued = new Set<string>();
  #known = new Set<string>();

  /** @param events the newest transitions, oldest first; a later call may repeat some @returns the ids of the orders that failed */
  hear(events: readonly OrderEvent[]): string[] {
    const failed: string[] = [];
    for (const { event_id, type, order_id } of events) {
      if (this.#known.has(event_id)) continue;
      if (type === 'order.queued') this.#queued.add(order_id);
      else if (ENDS.has(type) && this.#queued.delete(order_id) && FAILS.has(type)) failed.push(order_id);
    }
    this.#known = new Set(events.map(({ event_id }) => event_id));
    for (const oldest of this.#queued) {
      if (this.#queued.size <= REMEMBERED) break;
      this.#queued.delete(oldest);
    }
    return failed;
  }
}

const FAILS: ReadonlySet<OrderEvent['type']> = new Set(['order.failed', 'order.compensating'] as const);
const ENDS: ReadonlySet<OrderEvent['type']> = new Set([...FAILS, 'order.confirmed', 'order.cancelling'] as const);

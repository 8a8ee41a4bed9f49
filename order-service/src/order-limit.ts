/** What a window of time showed about the orders in progress. */
export interface WindowSeen {
  /** The limit that held, and the most orders in progress. */
  limit: number;
  inProgress: number;
  /** The shortest time that an order waited for T0. */
  leastDelayMs: number;
}

export interface LimitOptions {
  /** The highest limit. */
  max: number;
  /** The delay that is accepted, milliseconds. */
  targetMs: number;
}

/** The lowest limit. So many orders are one batch of T0, and no queue, however slow the database is. */
export const MIN_LIMIT = 256;
const WINDOW_MS = 100;
const GROWTH = 1.1;

/**
 * The limit on orders in progress after a window. When even the luckiest order waited too long, there is a standing queue (CoDel, RFC
 * 8289): by Little's law, as many orders as now, times target over delay, would wait just as long as is accepted. Otherwise it grows.
 */
export function nextLimit({ limit, inProgress, leastDelayMs }: WindowSeen, { max, targetMs }: LimitOptions): number {
  const tooMany = leastDelayMs > targetMs;
  const wanted = tooMany ? Math.min(limit, inProgress) * Math.max(0.5, targetMs / leastDelayMs) : limit * GROWTH;
  return Math.round(Math.min(max, Math.max(MIN_LIMIT, wanted)));
}

/** Keeps the limit by the delays it is told. */
export function createOrderLimit(options: LimitOptions) {
  const start = { limit: options.max, inProgress: 0, leastDelayMs: Number.POSITIVE_INFINITY };
  let seen: WindowSeen = start;
  let endsAt = 0;
  let queueing = false;
  return {
    /** The most orders in progress. */
    get current(): number {
      return seen.limit;
    },

    /** True while a queue of orders stands: no time for readers. */
    get queueing(): boolean {
      return queueing;
    },

    /** One order waited this long for T0. @param now a time of `performance.now()` */
    observe(delayMs: number, inProgress: number, now: number): void {
      seen = {
        limit: seen.limit,
        inProgress: Math.max(seen.inProgress, inProgress),
        leastDelayMs: Math.min(seen.leastDelayMs, delayMs),
      };
      if (now < endsAt) return;
      queueing = seen.leastDelayMs > options.targetMs && seen.inProgress >= MIN_LIMIT;
      seen = { ...start, limit: nextLimit(seen, options) };
      endsAt = now + WINDOW_MS;
    },
  };
}

import { declaration, type ServiceKey } from '@valerix/system';
import { AVERAGE_WINDOW_MS } from '../live/average-response-time.ts';
import { histogramQuantile } from '../live/histogram-quantile.ts';
import type { BreakerState, BreakerView, QueueView } from '../live/live-types.ts';
import type { MetricSample } from './prometheus-text.ts';
import { gaugeMax, type Increase } from './replica-counters.ts';

/** The charts' percentiles look back this far: one second alone holds too few requests. */
const PERCENTILE_WINDOW_MS = 10_000;

/** The increases of the last `windowMs` only. */
export function within<T extends { readonly at_ms: number }>(
  items: readonly T[],
  nowMs: number,
  windowMs: number,
): T[] {
  return items.filter((item) => item.at_ms > nowMs - windowMs && item.at_ms <= nowMs);
}

/** Request rate, error rate and percentiles of one service over the last 30 s, all replicas together. */
export function traffic(increases: readonly Increase[], nowMs: number) {
  const recent = within(increases, nowMs, AVERAGE_WINDOW_MS);
  const count = recent.reduce((sum, one) => sum + one.count, 0);
  const errors = recent.reduce((sum, one) => sum + one.errors, 0);
  return {
    requests_per_second: recent.length === 0 ? null : count / (AVERAGE_WINDOW_MS / 1000),
    error_rate: count === 0 ? null : errors / count,
    ...percentiles(recent, nowMs, AVERAGE_WINDOW_MS),
  };
}

/** p50 and p95 in milliseconds; for a point of the charts unless told how far back to look. */
export function percentiles(increases: readonly Increase[], nowMs: number, windowMs = PERCENTILE_WINDOW_MS) {
  const buckets = sumBuckets(within(increases, nowMs, windowMs));
  const inMs = (quantile: number) => {
    const seconds = histogramQuantile(quantile, buckets);
    return seconds === null ? null : seconds * 1000;
  };
  return { p50_ms: inMs(0.5), p95_ms: inMs(0.95) };
}

/** Scrapes and points are both a second apart and drift: over three seconds neither counts twice nor leaves a gap. */
const RATE_WINDOW_MS = 3_000;

/** Orders per second by outcome over the last three seconds, the replicas added up; `null` when none could be read. */
export function outcomeRates(replicas: ReadonlyArray<readonly Increase[]>, nowMs: number) {
  const recent = replicas.map((one) => within(one, nowMs, RATE_WINDOW_MS)).filter((one) => one.length > 0);
  const rate = (status: string): number | null => {
    if (recent.length === 0) return null;
    return recent.reduce((sum, increases) => {
      const orders = increases.reduce((total, one) => total + (one.outcomes[status] ?? 0), 0);
      return sum + orders / increases.reduce((total, one) => total + one.elapsed_seconds, 0);
    }, 0);
  };
  return { confirmed: rate('confirmed'), queued: rate('queued'), failed: rate('failed') };
}

export function queueOf(scrapes: ReadonlyArray<readonly MetricSample[]>): QueueView | null {
  const worst = (name: string) =>
    scrapes.reduce<number | null>((max, samples) => {
      const value = gaugeMax(samples, name);
      return value === null ? max : Math.max(max ?? value, value);
    }, null);
  const depth = worst('order_queue_depth');
  if (depth === null) return null;
  return {
    depth,
    oldest_age_seconds: worst('order_queue_oldest_age_seconds'),
    dead_lettered: worst('orders_dead_lettered'),
  };
}

const BREAKER_STATES: Record<number, BreakerState> = { 0: 'closed', 1: 'open', 2: 'half-open' };

/** Remembers since when a breaker has been seen in its present state: the one of a replica in front of a service. */
export class BreakerWatch {
  readonly #from: ServiceKey;
  readonly #to: ServiceKey;
  readonly #replica: string;
  #seen: { state: BreakerState; sinceMs: number | null } | undefined;

  constructor(replica: string, from: ServiceKey, to: ServiceKey) {
    [this.#replica, this.#from, this.#to] = [replica, from, to];
  }

  observe(samples: readonly MetricSample[], nowMs: number): void {
    const value = this.#gauge(samples, 'circuit_breaker_state');
    const state = value === null ? undefined : BREAKER_STATES[value];
    if (state === undefined || this.#seen?.state === state) return;
    this.#seen = { state, sinceMs: this.#seen === undefined ? null : nowMs };
  }

  /** `samples`: the replica's last scrape, or `null` when that is not fresh: then its breaker is not known. */
  view(samples: readonly MetricSample[] | null, nowMs: number): BreakerView | null {
    if (this.#seen === undefined || samples === null) return null;
    const { state, sinceMs } = this.#seen;
    const next = this.#gauge(samples, 'circuit_breaker_next_attempt_timestamp_seconds') ?? 0;
    return {
      replica: this.#replica,
      from: this.#from,
      to: this.#to,
      state,
      seen_for_ms: sinceMs === null ? null : nowMs - sinceMs,
      next_attempt_in_ms: state === 'open' && next > 0 ? Math.max(0, Math.round(next * 1000 - nowMs)) : null,
    };
  }

  #gauge(samples: readonly MetricSample[], name: string): number | null {
    const called = declaration(this.#to).name;
    return gaugeMax(
      samples.filter(({ labels }) => (labels.service ?? called) === called),
      name,
    );
  }
}

function sumBuckets(increases: readonly Increase[]): Map<number, number> {
  const total = new Map<number, number>();
  for (const one of increases) {
    for (const [bound, count] of one.buckets) total.set(bound, (total.get(bound) ?? 0) + count);
  }
  return total;
}

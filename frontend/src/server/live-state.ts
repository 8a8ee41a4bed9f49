import { declaration, type ServiceKey } from '@valerix/system';
import { AVERAGE_WINDOW_MS } from '../live/average-response-time.ts';
import { histogramQuantile } from '../live/histogram-quantile.ts';
import type { AtOnce, BreakerState, BreakerView, QueueView } from '../live/live-types.ts';
import type { MetricSample } from './prometheus-text.ts';
import { gaugeMax, type Increase } from './replica-counters.ts';

/** The window of the charts' percentiles; one second holds too few requests. */
const PERCENTILE_WINDOW_MS = 10_000;

/** The items of the last `windowMs`. */
export const within = <T extends { at_ms: number }>(items: readonly T[], nowMs: number, windowMs: number): T[] =>
  items.filter((item) => item.at_ms > nowMs - windowMs && item.at_ms <= nowMs);

/** Request rate, error rate and percentiles of one service over the last 30 s, over all replicas. */
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

/** p50 and p95 in milliseconds; by default over the window of a chart's point. */
export function percentiles(increases: readonly Increase[], nowMs: number, windowMs = PERCENTILE_WINDOW_MS) {
  const buckets = new Map<number, number>();
  for (const one of within(increases, nowMs, windowMs)) {
    for (const [bound, count] of one.buckets) buckets.set(bound, (buckets.get(bound) ?? 0) + count);
  }
  const inMs = (quantile: number) => {
    const seconds = histogramQuantile(quantile, buckets);
    return seconds === null ? null : seconds * 1000;
  };
  return { p50_ms: inMs(0.5), p95_ms: inMs(0.95) };
}

/** Scrapes and points are a second apart and drift. Three seconds hide both double counts and gaps. */
const RATE_WINDOW_MS = 3_000;

/** Orders per second by outcome over three seconds, summed over the replicas; `null` if none could be read. */
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

/** The orders accepted in the last 30 s, and those of them that were confirmed in their answer. */
export function atOnceOf(increases: readonly Increase[], nowMs: number): AtOnce {
  const recent = within(increases, nowMs, AVERAGE_WINDOW_MS);
  const sum = (status: string) => recent.reduce((total, one) => total + (one.outcomes[status] ?? 0), 0);
  const confirmed = sum('confirmed');
  return { confirmed, accepted: confirmed + sum('queued') };
}

export function queueOf(scrapes: ReadonlyArray<readonly MetricSample[]>): QueueView | null {
  const samples = scrapes.flat();
  const depth = gaugeMax(samples, 'order_queue_depth');
  if (depth === null) return null;
  return {
    depth,
    oldest_age_seconds: gaugeMax(samples, 'order_queue_oldest_age_seconds'),
    dead_lettered: gaugeMax(samples, 'orders_dead_lettered'),
  };
}

const BREAKER_STATES: Record<number, BreakerState> = { 0: 'closed', 1: 'open', 2: 'half-open' };

/** Remembers when one replica's breaker in front of one service entered its current state. */
export class BreakerWatch {
  readonly #breaker: Pick<BreakerView, 'replica' | 'from' | 'to'>;
  #seen: { state: BreakerState; sinceMs: number | null } | undefined;

  constructor(replica: string, from: ServiceKey, to: ServiceKey) {
    this.#breaker = { replica, from, to };
  }

  observe(samples: readonly MetricSample[], nowMs: number): void {
    const value = this.#gauge(samples, 'circuit_breaker_state');
    const state = value === null ? undefined : BREAKER_STATES[value];
    if (state === undefined || this.#seen?.state === state) return;
    this.#seen = { state, sinceMs: this.#seen === undefined ? null : nowMs };
  }

  /** `samples`: the replica's last scrape, or `null` if it is not fresh; then the breaker is unknown. */
  view(samples: readonly MetricSample[] | null, nowMs: number): BreakerView | null {
    if (this.#seen === undefined || samples === null) return null;
    const { state, sinceMs } = this.#seen;
    const next = this.#gauge(samples, 'circuit_breaker_next_attempt_timestamp_seconds') ?? 0;
    return {
      ...this.#breaker,
      state,
      seen_for_ms: sinceMs === null ? null : nowMs - sinceMs,
      next_attempt_in_ms: state === 'open' && next > 0 ? Math.max(0, Math.round(next * 1000 - nowMs)) : null,
    };
  }

  #gauge(samples: readonly MetricSample[], name: string): number | null {
    const called = declaration(this.#breaker.to).name;
    const own = samples.filter(({ labels }) => (labels.service ?? called) === called);
    return gaugeMax(own, name);
  }
}

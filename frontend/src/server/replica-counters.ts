import type { RequestIncrease } from '../live/average-response-time.ts';
import type { MetricSample } from './prometheus-text.ts';

/** The work of one replica between two scrapes. */
export interface Increase extends RequestIncrease {
  /** Seconds since the previous scrape. */
  readonly elapsed_seconds: number;
  /** Requests answered with a 5xx. */
  readonly errors: number;
  /** Cumulative counts by upper bound in seconds. */
  readonly buckets: ReadonlyMap<number, number>;
  /** orders_created_total by status. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Answers from 400 on, by status, method and route. */
  readonly failures: Readonly<Record<string, number>>;
  /** participant_calls_total by service and outcome. */
  readonly calls: Readonly<Record<string, number>>;
}

const DURATION = 'http_request_duration_seconds';
const CALLS = 'participant_calls_total';
const COUNTED = new Set([`${DURATION}_sum`, `${DURATION}_count`, `${DURATION}_bucket`, 'orders_created_total', CALLS]);

/** The increase of a counter. A restart resets a counter, so after a fall its whole value is new. */
export const counterIncrease = (previous: number, current: number): number =>
  current < previous ? current : current - previous;

/**
 * Turns one replica's counters into increases, and keeps a single scrape. The first scrape gives no increase, because the
 * time before it is unknown; unless the process is younger than the dashboard's watch, as after a scaling: then all its work is
 * new. A series that appears later started at zero.
 */
export class ReplicaCounters {
  readonly #watchedSinceMs: number;
  #previous: Map<string, number> | null = null;
  #previousAtMs = 0;

  constructor(watchedSinceMs = Number.POSITIVE_INFINITY) {
    this.#watchedSinceMs = watchedSinceMs;
  }

  observe(samples: readonly MetricSample[], atMs: number): Increase | null {
    const current = new Map<string, number>();
    const startedAtMs = (gaugeMax(samples, 'process_start_time_seconds') ?? 0) * 1000;
    if (this.#previous === null && startedAtMs > this.#watchedSinceMs) {
      this.#previous = new Map();
      this.#previousAtMs = Math.min(startedAtMs, atMs);
    }
    const first = this.#previous === null;
    const total = { sum: 0, count: 0, errors: 0 };
    const buckets = new Map<number, number>();
    const outcomes: Record<string, number> = {};
    const failures: Record<string, number> = {};
    const calls: Record<string, number> = {};
    for (const { name, labels, value } of samples) {
      if (!COUNTED.has(name)) continue;
      const series = `${name}${JSON.stringify(labels)}`;
      current.set(series, value);
      const gained = counterIncrease(this.#previous?.get(series) ?? 0, value);
      if (name === `${DURATION}_sum`) total.sum += gained;
      else if (name === `${DURATION}_count`) {
        total.count += gained;
        if (labels.status_code?.startsWith('5')) total.errors += gained;
        if (Number(labels.status_code) >= 400) {
          add(failures, `${labels.status_code} ${labels.method} ${labels.route}`, gained);
        }
      } else if (name === `${DURATION}_bucket`) {
        const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
        buckets.set(bound, (buckets.get(bound) ?? 0) + gained);
      } else if (name === CALLS) {
        add(calls, `${labels.service} ${labels.outcome}`, gained);
      } else {
        add(outcomes, labels.status ?? 'other', gained);
      }
    }
    const elapsed = (atMs - this.#previousAtMs) / 1000;
    this.#previous = current;
    this.#previousAtMs = atMs;
    if (first) return null;
    const { sum, ...counts } = total;
    return { at_ms: atMs, elapsed_seconds: elapsed, sum_seconds: sum, ...counts, buckets, outcomes, failures, calls };
  }
}

function add(counts: Record<string, number>, name: string, gained: number): void {
  if (gained > 0) counts[name] = (counts[name] ?? 0) + gained;
}

/** The largest value of a gauge over its series, or `null` without any. */
export function gaugeMax(samples: readonly MetricSample[], name: string): number | null {
  const values = samples.filter((sample) => sample.name === name).map((sample) => sample.value);
  return values.length === 0 ? null : Math.max(...values);
}

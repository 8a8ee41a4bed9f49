export const AVERAGE_WINDOW_MS = 30_000;
/** Above this the system is slow (amber). */
export const SLOW_ABOVE_MS = 500;
/** Above this the system is failing its users (red). */
export const CRITICAL_ABOVE_MS = 1_000;

/** The increase of a histogram between two scrapes. */
export interface RequestIncrease {
  readonly at_ms: number;
  /** Increase of http_request_duration_seconds_sum. */
  readonly sum_seconds: number;
  /** Increase of http_request_duration_seconds_count. */
  readonly count: number;
}

/**
 * The 30 s average response time in milliseconds, as dashboard, Grafana and the alert define it: the total duration of all
 * requests that ended in the window, divided by their number, over every route, method, status and replica of the order
 * service. `null` (unknown) if no request ended in the window.
 * Prometheus records the same quotient as `valerix:response_time_seconds:avg30s`.
 */
export function averageResponseTimeMs(increases: readonly RequestIncrease[], nowMs: number): number | null {
  let sumSeconds = 0;
  let count = 0;
  for (const increase of increases) {
    if (increase.at_ms <= nowMs - AVERAGE_WINDOW_MS || increase.at_ms > nowMs) continue;
    sumSeconds += increase.sum_seconds;
    count += increase.count;
  }
  return count === 0 ? null : (sumSeconds / count) * 1000;
}

export type ResponseTimeLevel = 'unknown' | 'ok' | 'slow' | 'critical';

/** The colour of the health tile: green up to 500 ms, amber above, red above 1 s, grey for unknown. */
export function responseTimeLevel(averageMs: number | null): ResponseTimeLevel {
  if (averageMs === null) return 'unknown';
  if (averageMs > CRITICAL_ABOVE_MS) return 'critical';
  return averageMs > SLOW_ABOVE_MS ? 'slow' : 'ok';
}

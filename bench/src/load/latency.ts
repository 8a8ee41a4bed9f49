import { percentilesOf } from '@valerix/contracts';
import type { Latency } from './plan.ts';

/** Percentiles of milliseconds, rounded to microseconds; zeros without values. */
export function latencyOf(values: readonly number[]): Latency {
  const percentile = percentilesOf(values);
  const at = (share: number): number => Math.round((percentile(share) ?? 0) * 1000) / 1000;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

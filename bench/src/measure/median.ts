import { percentile } from '@valerix/contracts';
import type { Latency } from '../load/plan.ts';
import type { Full, Measurement } from './measure.ts';

/** The middle value, or the lower one of two; 0 without values. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5) ?? 0;
}

/** Takes the median of each number over the runs, and adds up requests, seconds and statuses. */
export function medianOf(runs: readonly Measurement[]): Full {
  const first = runs[0];
  if (!first) throw new Error('A median needs at least one run.');
  const each = (pick: (run: Measurement) => number | undefined) => median(runs.map((run) => pick(run) ?? 0));
  const byName = (pick: (run: Measurement) => Record<string, number>) =>
    Object.fromEntries(Object.keys(pick(first)).map((name) => [name, each((run) => pick(run)[name])]));
  const total = (key: 'requests' | 'seconds' | 'unanswered') => runs.reduce((sum, run) => sum + run[key], 0);
  return {
    requests: total('requests'),
    seconds: total('seconds'),
    per_second: each((run) => run.per_second),
    statuses: summed(runs.map((run) => run.statuses)),
    unanswered: total('unanswered'),
    latency_ms: byName((run) => run.latency_ms) as Latency,
    by_status_ms: medianLatencies(runs),
    cpu_us: byName((run) => run.cpu_us),
    database_us: byName((run) => run.database_us ?? {}),
    memory_mb: byName((run) => run.memory_mb),
    ...(first.statements !== undefined && {
      statements: each((run) => run.statements),
      commits: each((run) => run.commits),
      wal_bytes: each((run) => run.wal_bytes),
    }),
  };
}

/** Over the runs in which a status was answered. */
function medianLatencies(runs: readonly Measurement[]): Record<string, Latency> {
  const statuses = new Set(runs.flatMap(({ by_status_ms }) => Object.keys(by_status_ms)));
  const of = (status: string) => {
    const present = runs.flatMap(({ by_status_ms }) => by_status_ms[status] ?? []);
    const each = (key: keyof Latency) => median(present.map((latency) => latency[key]));
    return { p50: each('p50'), p95: each('p95'), p99: each('p99'), max: each('max') };
  };
  return Object.fromEntries([...statuses].map((status) => [status, of(status)]));
}

function summed(all: readonly Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [name, n] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + n;
  return sums;
}

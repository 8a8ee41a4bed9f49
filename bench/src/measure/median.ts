import { percentile } from '@valerix/contracts';
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
  const total = (key: 'requests' | 'seconds') => runs.reduce((sum, run) => sum + run[key], 0);
  return {
    requests: total('requests'),
    seconds: total('seconds'),
    per_second: each((run) => run.per_second),
    statuses: summed(runs.map((run) => run.statuses)),
    latency_ms: byName((run) => run.latency_ms) as Measurement['latency_ms'],
    cpu_us: byName((run) => run.cpu_us),
    memory_mb: byName((run) => run.memory_mb),
    ...(first.statements !== undefined && {
      statements: each((run) => run.statements),
      commits: each((run) => run.commits),
      wal_bytes: each((run) => run.wal_bytes),
    }),
  };
}

function summed(all: readonly Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [name, n] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + n;
  return sums;
}

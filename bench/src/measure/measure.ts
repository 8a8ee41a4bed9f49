import type { Latency, LoadPlan, LoadResult } from '../load/plan.ts';
import { runLoad } from '../load/run-load.ts';
import type { DatabaseCount, DatabaseStats } from './database-stats.ts';
import { cpuOf, memoryOf, type Watched } from './process-stats.ts';

/** One measured run, or the median of several. "Per request" means: divided by the requests answered in the measured time. */
export interface Measurement {
  requests: number;
  seconds: number;
  per_second: number;
  statuses: Record<string, number>;
  latency_ms: Latency;
  by_status_ms: Record<string, Latency>;
  /** Requests without an answer, if the plan waited for the last ones. */
  unanswered: number;
  /** Microseconds of CPU time per request, by process; `generator` is the load generator. */
  cpu_us: Record<string, number>;
  /** The part of PostgreSQL's that its connections to each database used. */
  database_us?: Record<string, number>;
  statements?: number;
  commits?: number;
  wal_bytes?: number;
  /** MB by process, at the end of the run. */
  memory_mb: Record<string, number>;
  keys: string[];
}

/** A measurement without the keys, which only the next run needs. */
export type Full = Omit<Measurement, 'keys'>;

export interface Observed {
  processes: readonly Watched[];
  /** Children of one of the processes, which counts them already. */
  databases?: readonly Watched[];
  database?: DatabaseStats;
  /** Finishes the work that the previous run left, before the next run starts. */
  tidy?(): Promise<void>;
}

interface Snapshot {
  cpu_us: Record<string, number>;
  database_us: Record<string, number>;
  database: DatabaseCount | undefined;
}

/** Runs a plan once, and counts the work of the processes and the database in the measured time. */
export async function measure(
  plan: LoadPlan,
  { processes, databases = [], database, tidy }: Observed,
): Promise<Measurement> {
  const snapshots: Promise<Snapshot>[] = [];
  const watched = (pid: number) => [...processes, { name: 'generator', pid: () => pid }];
  const snapshot = async (pid: number): Promise<Snapshot> => ({
    cpu_us: Object.fromEntries(watched(pid).map((each) => [each.name, cpuOf(each)])),
    database_us: Object.fromEntries(databases.map((each) => [each.name, cpuOf(each)])),
    database: await database?.count(),
  });
  const record = (pid: number) => void snapshots.push(snapshot(pid));
  await tidy?.();
  const result = await runLoad(plan, { atStart: record, atEnd: record });
  const [before, after] = (await Promise.all(snapshots)) as [Snapshot, Snapshot];
  const memory = Object.fromEntries(processes.map((each) => [each.name, memoryOf(each)]));
  return { ...perRequest(result, before, after), memory_mb: memory };
}

function perRequest(result: LoadResult, before: Snapshot, after: Snapshot): Omit<Measurement, 'memory_mb'> {
  const share = (difference: number) => difference / Math.max(1, result.requests);
  const cpu = (which: 'cpu_us' | 'database_us') =>
    Object.fromEntries(
      Object.entries(after[which]).map(([name, end]) => [name, share(end - (before[which][name] ?? 0))]),
    );
  const count = (key: keyof DatabaseCount) => share((after.database?.[key] ?? 0) - (before.database?.[key] ?? 0));
  return {
    ...result,
    per_second: result.requests / result.seconds,
    cpu_us: cpu('cpu_us'),
    database_us: cpu('database_us'),
    ...(after.database && {
      statements: count('statements'),
      commits: count('commits'),
      wal_bytes: count('wal_bytes'),
    }),
  };
}

import { type CheckDatabasesOptions, checkDatabasesFully } from './check-databases.ts';
import { type HistoryCounts, HistoryIndex } from './history-index.ts';
import type { Violation } from './violation.ts';

export interface RunChecked extends HistoryCounts {
  violations: Violation[];
  total: number;
  orders: number;
  seconds: number;
}

/** Violations that were found beyond those that are listed. */
export const unlistedOf = (checked: Pick<RunChecked, 'total' | 'violations'> | undefined): number =>
  checked ? checked.total - checked.violations.length : 0;

interface CheckRunOptions extends CheckDatabasesOptions {
  historyFile: string;
  /** What the keys of the run start with. */
  prefix: string;
  /** True when the databases held nothing before. */
  fresh: boolean;
}

/** I1 to I12 over the history of a run and both databases. */
export async function checkRun(options: CheckRunOptions): Promise<RunChecked> {
  const started = performance.now();
  const index = await HistoryIndex.read(options.historyFile, options.prefix, options.fresh);
  const databases = await checkDatabasesFully({ ...options, onOrder: (order) => index.compare(order) });
  const counts = index.finish();
  return {
    ...counts,
    violations: [...databases.violations, ...index.violations.kept],
    total: databases.total + index.violations.total,
    orders: databases.orders,
    seconds: (performance.now() - started) / 1000,
  };
}

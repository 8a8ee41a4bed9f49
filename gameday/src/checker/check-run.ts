import { type CheckDatabasesOptions, checkDatabasesFully } from './check-databases.ts';
import { HistoryIndex } from './history-index.ts';

export type RunChecked = Awaited<ReturnType<typeof checkRun>>;

/** How many violations were found beyond those listed. */
export const unlistedOf = (checked: Pick<RunChecked, 'total' | 'violations'> | undefined): number =>
  checked ? checked.total - checked.violations.length : 0;

interface CheckRunOptions extends CheckDatabasesOptions {
  historyFile: string;
  /** The idempotency keys of the run start with it. */
  prefix: string;
  /** True when the databases were empty before the run. */
  fresh: boolean;
}

/** Checks I1 to I12 in the history of a run and in both databases. */
export async function checkRun(options: CheckRunOptions) {
  const started = performance.now();
  const index = await HistoryIndex.read(options.historyFile, options.prefix, options.fresh);
  const databases = await checkDatabasesFully({ ...options, onOrder: (order) => index.compare(order) });
  return {
    ...index.finish(),
    violations: [...databases.violations, ...index.violations.kept],
    total: databases.total + index.violations.total,
    orders: databases.orders,
    seconds: (performance.now() - started) / 1000,
  };
}

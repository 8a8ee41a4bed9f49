import { type HistoryLine, readHistory } from '../workload/history.ts';
import { indexOf } from '../workload/schedule.ts';
import { type CheckDatabasesOptions, checkDatabasesFully, NOTHING_GONE, seesMoney } from './check-databases.ts';
import { CountReads } from './count-reads.ts';
import { HistoryIndex } from './history-index.ts';
import { PathIndex } from './path-index.ts';
import { ReadIndex } from './read-index.ts';
import { ViolationList } from './violation.ts';

export type { Rule } from './violation.ts';
export type RunChecked = Awaited<ReturnType<typeof checkRun>>;

/** How many violations were found beyond those listed. */
export const unlistedOf = (checked: Pick<RunChecked, 'total' | 'violations'> | undefined): number =>
  checked ? checked.total - checked.violations.length : 0;

interface CheckLinesOptions extends CheckDatabasesOptions {
  /** The idempotency keys of the run start with it. */
  prefix: string;
  /** True when the databases were empty before the run. */
  fresh: boolean;
}

/** Checks I1 to I12, I14 to I18 and R1 to R5 in the history of a run and in the databases, and each order's path by the model. */
export const checkRun = ({ historyFile, ...options }: CheckLinesOptions & { historyFile: string }) =>
  checkLines(readHistory(historyFile), options);

/** As `checkRun`, of a history in memory. */
export async function checkLines(
  history: AsyncIterable<HistoryLine> | Iterable<HistoryLine>,
  options: CheckLinesOptions,
) {
  const { prefix, fresh } = options;
  const started = performance.now();
  const index = new HistoryIndex(prefix, fresh);
  const reads = new ReadIndex(prefix);
  const walked = new PathIndex();
  for await (const line of history) {
    index.add(line);
    reads.add(line);
  }
  // If others order too, no bound of a count is known.
  const counts = fresh && reads.counted.length > 0 ? new CountReads(reads) : undefined;
  const databases = await checkDatabasesFully({
    ...options,
    onOrder(order, stock, money) {
      index.compare(order);
      walked.add(order, stock, money, options.expectSettled !== false);
      const op = indexOf(prefix, order.key);
      if (op !== undefined) reads.compare(op, order);
      counts?.order(order, stock, reads.timesOf(op));
    },
    onInventory: async (snapshot) => counts?.readBrought(snapshot, prefix),
  });
  reads.finish(databases.goneBefore);
  // Nor if orders were dropped for their age.
  const isWhole = databases.goneBefore === NOTHING_GONE;
  const wrongCounts = new ViolationList();
  wrongCounts.add(...((isWhole && counts?.finish()) || []));
  const found = [index.violations, walked.violations, reads.violations, wrongCounts];
  return {
    ...index.finish(databases.goneBefore),
    violations: [...databases.violations, ...found.flatMap(({ kept }) => kept)],
    total: found.reduce((sum, { total }) => sum + total, databases.total),
    orders: databases.orders,
    walked: walked.finish(),
    money: seesMoney(options.services),
    reads: { ...reads.counts, counts_checked: isWhole && fresh },
    seconds: (performance.now() - started) / 1000,
  };
}

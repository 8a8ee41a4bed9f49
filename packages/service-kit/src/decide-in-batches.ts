import { createBatcher } from './batcher.ts';
import type { Deadline } from './deadline.ts';
import { hasNoPart, isRowError } from './postgres.ts';
import { type ErrorCatalogue, type ProblemError, problemFactory } from './problem.ts';

/** What a participant answers about commands that it does not decide. */
export const UNDECIDED_ERRORS = {
  DEADLINE_EXCEEDED: {
    status: 504,
    title: "The caller's deadline has passed",
    meaning: 'The work was refused before it touched the database, because the caller no longer waits for the answer.',
  },
  ORDER_FORGOTTEN: {
    status: 410,
    title: 'The order is older than the history that is kept',
    meaning: 'What was decided about it was dropped after `RETENTION`, so nothing more is decided about it.',
  },
} as const satisfies ErrorCatalogue;

const problem = problemFactory(UNDECIDED_ERRORS);

/** For a participant's `translateError`. */
export const forgottenProblem = (error: unknown): ProblemError | undefined =>
  hasNoPart(error) ? problem('ORDER_FORGOTTEN', 'What was decided about this order is no longer kept.') : undefined;

interface Waiting<C> {
  command: C;
  deadline: Deadline;
}

export interface DecideInBatchesOptions<C, D> {
  maxBatch: number;
  maxWaiting: number;
  metrics: { expired: { inc(count: number): void }; batchSize: { observe(size: number): void } };
  /** Decides commands in one transaction. @returns the decisions in their order, after the commit */
  decide(commands: C[]): Promise<D[]>;
}

/**
 * Decides commands that wait at the same time together.
 * @returns a function that decides one; it throws DEADLINE_EXCEEDED before the database is touched, `BatcherFull`, and what `decide` threw
 */
export function decideInBatches<C, D>({ maxBatch, maxWaiting, metrics, decide }: DecideInBatchesOptions<C, D>) {
  const batcher = createBatcher<Waiting<C>, { decided: D } | undefined>({
    maxBatch,
    maxWaiting,
    isItemError: isRowError,
    async run(waiting) {
      const alive = waiting.filter(({ deadline }) => deadline.remainingMs() > 0);
      metrics.expired.inc(waiting.length - alive.length);
      if (alive.length === 0) return waiting.map(() => undefined);
      metrics.batchSize.observe(alive.length);
      const decisions = await decide(alive.map(({ command }) => command));
      const answers = new Map(alive.map((entry, index) => [entry, { decided: decisions[index] as D }]));
      return waiting.map((entry) => answers.get(entry));
    },
  });

  return async (command: C, deadline: Deadline): Promise<D> => {
    const answer = await batcher.submit({ command, deadline });
    if (!answer) throw problem('DEADLINE_EXCEEDED', 'The deadline passed before the work began.');
    return answer.decided;
  };
}

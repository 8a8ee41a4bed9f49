import { BatcherFull } from './batcher.ts';
import { isDatabaseUnavailable } from './postgres.ts';
import { commonProblem, type ProblemError } from './problem.ts';

/**
 * The problem of a service that cannot work now, for its `translateError`; undefined for every other error.
 * @param details what the caller reads: that the database does not answer, or that too much waits for it
 */
export function unavailableProblem(
  error: unknown,
  details: { database: string; waiting?: string },
): ProblemError | undefined {
  const headers = { 'Retry-After': '1' };
  if (details.waiting && error instanceof BatcherFull) return commonProblem('OVERLOADED', details.waiting, { headers });
  if (!isDatabaseUnavailable(error)) return undefined;
  return commonProblem('DATABASE_UNAVAILABLE', details.database, { headers, cause: error });
}

import { BatcherFull } from '@valerix/service-kit/batcher';
import { isDatabaseUnavailable } from '@valerix/service-kit/postgres';
import { COMMON_ERRORS, commonProblem, type ErrorCatalogue, type ProblemError } from '@valerix/service-kit/problem';

/** Every error this service answers with. */
export const ERRORS = COMMON_ERRORS satisfies ErrorCatalogue;

/** Turns an error of the kit or the database into a problem. */
export function translateError(error: unknown): ProblemError | undefined {
  const headers = { 'Retry-After': '1' };
  if (error instanceof BatcherFull) return commonProblem('OVERLOADED', 'Too many charges are waiting.', { headers });
  if (!isDatabaseUnavailable(error)) return undefined;
  return commonProblem('DATABASE_UNAVAILABLE', "The provider's database does not answer.", { headers, cause: error });
}

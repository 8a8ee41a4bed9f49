import { COMMON_ERRORS, type ErrorCatalogue, type ProblemError } from '@valerix/service-kit/problem';
import { unavailableProblem } from '@valerix/service-kit/unavailable';

/** Every error this service answers with. */
export const ERRORS = COMMON_ERRORS satisfies ErrorCatalogue;

/** Turns an error of the kit or the database into a problem. */
export function translateError(error: unknown): ProblemError | undefined {
  return unavailableProblem(error, {
    database: "The provider's database does not answer.",
    waiting: 'Too many charges are waiting.',
  });
}

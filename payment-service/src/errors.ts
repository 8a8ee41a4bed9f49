import { BatcherFull } from '@valerix/service-kit/batcher';
import { hasNoPart, isDatabaseUnavailable } from '@valerix/service-kit/postgres';
import { COMMON_ERRORS, type ErrorCatalogue, ProblemError, problemFactory } from '@valerix/service-kit/problem';

/** Every error this service answers with; docs/errors.md describes the same ones, and a test compares the two. */
export const ERRORS = {
  ...COMMON_ERRORS,
  DEADLINE_EXCEEDED: {
    status: 504,
    title: "The caller's deadline has passed",
    meaning: 'The work was refused before it touched the database, because the caller no longer waits for the answer.',
  },
  ORDER_FORGOTTEN: {
    status: 410,
    title: 'The order is older than the history that is kept',
    meaning: 'Its payment was dropped after `RETENTION`, so nothing more is decided about it.',
  },
  PAYMENT_PENDING: {
    status: 503,
    title: 'The provider has not confirmed yet',
    meaning:
      'Whether the money was taken, or given back, is not known yet. The payment service goes on asking the provider. Send the same command again to learn the outcome: nothing is charged twice.',
  },
  WEBHOOK_REFUSED: {
    status: 401,
    title: 'The webhook is not signed by the provider',
    meaning:
      'Its signature is missing or wrong, or its timestamp is more than five minutes off. Nothing was read from it. Compare `WEBHOOK_SECRET` and the clocks of both sides.',
  },
} as const satisfies ErrorCatalogue;

export const problem = problemFactory(ERRORS);

/** Turns an error of the kit or the database into a problem. */
export function translateError(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  const headers = { 'Retry-After': '1' };
  if (error instanceof BatcherFull) return problem('OVERLOADED', 'Too many commands are waiting.', { headers });
  if (isDatabaseUnavailable(error)) {
    return problem('DATABASE_UNAVAILABLE', 'The payment database does not answer.', { headers, cause: error });
  }
  if (hasNoPart(error)) return problem('ORDER_FORGOTTEN', 'The payment of this order is no longer kept.');
  return undefined;
}

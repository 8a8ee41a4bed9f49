import { BatcherFull } from '@valerix/service-kit/batcher';
import { isDatabaseUnavailable } from '@valerix/service-kit/postgres';
import { COMMON_ERRORS, type ErrorCatalogue, ProblemError, problemFactory } from '@valerix/service-kit/problem';

/** Every error this service answers with; docs/errors.md describes the same ones, and a test compares the two. */
export const ERRORS = {
  ...COMMON_ERRORS,
  IDEMPOTENCY_KEY_IN_FLIGHT: {
    status: 409,
    title: 'The first request with this key is still running',
    meaning: 'Retry with the same key after the seconds in `Retry-After`; the answer will be the first one.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The idempotency key belongs to another order',
    meaning: 'The key was sent before with a body that means something else. Use a new key for a new order.',
  },
  OUT_OF_STOCK: {
    status: 422,
    title: 'Out of stock',
    meaning: 'At least one item was short, so nothing was taken. The refusal is final for this key.',
  },
  ITEM_NOT_FOUND: {
    status: 422,
    title: 'Unknown item',
    meaning: 'The warehouse does not know one of the items. The refusal is final for this key.',
  },
  ORDER_VOIDED: {
    status: 422,
    title: 'The order was voided',
    meaning: 'The order was cancelled before the warehouse saw it, so it can no longer be filled.',
  },
  ORDER_IN_FLIGHT: {
    status: 409,
    title: 'The order is being placed',
    meaning: 'It cannot be cancelled at this moment. Retry after the seconds in `Retry-After`.',
  },
  ORDER_NOT_CANCELLABLE: {
    status: 409,
    title: 'The order cannot be cancelled',
    meaning: 'It failed, so there is nothing to cancel.',
  },
  NOT_DEAD_LETTERED: {
    status: 409,
    title: 'The order is not a dead letter',
    meaning: 'Only an order the worker gave up on can be redriven.',
  },
} as const satisfies ErrorCatalogue;

export const problem = problemFactory(ERRORS);

/** The problem an error of the kit or the database becomes. */
export function translateError(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  const headers = { 'Retry-After': '1' };
  if (error instanceof BatcherFull) return problem('OVERLOADED', 'Too many orders are waiting.', { headers });
  if (isDatabaseUnavailable(error)) {
    return problem('DATABASE_UNAVAILABLE', 'The order database does not answer. Retry with the same key.', {
      headers,
      cause: error,
    });
  }
  return undefined;
}

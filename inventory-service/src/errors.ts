import { BatcherFull } from '@valerix/service-kit/batcher';
import { hasNoPart, isDatabaseUnavailable } from '@valerix/service-kit/postgres';
import { COMMON_ERRORS, type ErrorCatalogue, ProblemError, problemFactory } from '@valerix/service-kit/problem';
import { StockFull } from './inventory-store.ts';

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
    meaning: 'What was decided about it was dropped after `RETENTION`, so nothing more is decided about it.',
  },
  ITEM_EXISTS: {
    status: 409,
    title: 'The item id is taken',
    meaning:
      'There is an item with this id, added with another name, quantity, price or currency. Use another id, or change the item with `PATCH`.',
  },
  RESTOCK_ID_REUSED: {
    status: 422,
    title: 'The restock id was used for something else',
    meaning: 'A restock with this id booked another item or quantity. Use a new id.',
  },
} as const satisfies ErrorCatalogue;

export const problem = problemFactory(ERRORS);

/** Turns an error of the kit or the database into a problem. */
export function translateError(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  const headers = { 'Retry-After': '1' };
  if (error instanceof BatcherFull) return problem('OVERLOADED', 'Too many commands are waiting.', { headers });
  if (isDatabaseUnavailable(error)) {
    return problem('DATABASE_UNAVAILABLE', 'The inventory database does not answer.', { headers, cause: error });
  }
  if (hasNoPart(error)) return problem('ORDER_FORGOTTEN', 'What was decided about this order is no longer kept.');
  if (error instanceof StockFull) {
    const message = `must be at most ${error.room}: no more units of the item can be counted`;
    const errors = [{ field: 'quantity', message }];
    return problem('VALIDATION_FAILED', `The restock is not valid: quantity ${message}.`, { errors });
  }
  return undefined;
}

import { forgottenProblem, UNDECIDED_ERRORS } from '@valerix/service-kit/decide-in-batches';
import { COMMON_ERRORS, type ErrorCatalogue, type ProblemError, problemFactory } from '@valerix/service-kit/problem';
import { unavailableProblem } from '@valerix/service-kit/unavailable';
import { StockFull } from './inventory-store.ts';

/** Every error this service answers with; docs/errors.md describes the same ones, and a test compares the two. */
export const ERRORS = {
  ...COMMON_ERRORS,
  ...UNDECIDED_ERRORS,
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
  if (error instanceof StockFull) {
    const message = `must be at most ${error.room}: no more units of the item can be counted`;
    const errors = [{ field: 'quantity', message }];
    return problem('VALIDATION_FAILED', `The restock is not valid: quantity ${message}.`, { errors });
  }
  return (
    forgottenProblem(error) ??
    unavailableProblem(error, {
      database: 'The inventory database does not answer.',
      waiting: 'Too many commands are waiting.',
    })
  );
}

import { COMMON_ERRORS, type ErrorCatalogue, type ProblemError, problemFactory } from '@valerix/service-kit/problem';
import { unavailableProblem } from '@valerix/service-kit/unavailable';
import { OutcomeUnknown } from './outcome-unknown.ts';

/** Every error of this service. `npm run generate` writes docs/errors.md from it. */
export const ERRORS = {
  ...COMMON_ERRORS,
  IDEMPOTENCY_KEY_IN_FLIGHT: {
    status: 409,
    title: 'The first request with this key is still running',
    meaning: 'Retry with the same key after the seconds in `Retry-After` to get the answer to the first request.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The idempotency key belongs to another order',
    meaning: 'The key was sent before with another order. Use a new key for a new order.',
  },
  OUT_OF_STOCK: {
    status: 422,
    title: 'Out of stock',
    meaning: 'At least one item was short, so nothing was taken. The refusal is final for this key.',
  },
  ITEM_NOT_FOUND: {
    status: 422,
    title: 'Unknown item',
    meaning: 'The inventory service does not know one of the items. The refusal is final for this key.',
  },
  ORDER_VOIDED: {
    status: 422,
    title: 'The order was voided',
    meaning: 'The order was cancelled or undone before a participant saw it, so it can no longer be filled.',
  },
  PRICE_CHANGED: {
    status: 422,
    title: 'The price has changed',
    meaning:
      'The order costs `total_cents`, not the `expected_total_cents` that was sent, so nothing was taken. The refusal is final for this key: show the customer the new total and order with a new key.',
  },
  CURRENCIES_DIFFER: {
    status: 422,
    title: 'The prices have different currencies',
    meaning: 'One order has one currency. Order the items of each currency separately.',
  },
  PAYMENT_DECLINED: {
    status: 402,
    title: 'The payment was declined',
    meaning:
      '`reason` says why: `CARD_DECLINED`, `INSUFFICIENT_FUNDS`, or `PAYMENT_DECLINED` for any other reason. The stock is given back. The refusal is final for this key.',
  },
  PAYMENT_TIMEOUT: {
    status: 422,
    title: 'The payment took too long',
    meaning:
      'The order was still open at its `payment_deadline`, so it was undone: nothing is charged, or it is refunded.',
  },
  PAYMENT_REQUIRED: {
    status: 422,
    title: 'The order names no payment',
    meaning: 'This installation takes paid orders only (`PAYMENT_REQUIRED`): send `payment`.',
  },
  PAYMENTS_NOT_OFFERED: {
    status: 422,
    title: 'Payments are not offered',
    meaning:
      'This installation has no payment service, or has turned payments off (`PAYMENTS`): order without `payment`.',
  },
  OUTCOME_UNKNOWN: {
    status: 503,
    title: 'The outcome is unknown',
    meaning:
      'The database may have committed, and its reply is lost: the order may exist. Retry with the same key after the seconds in `Retry-After`, or look the order up by its key.',
  },
  ORDER_IN_FLIGHT: {
    status: 409,
    title: 'The order is being placed',
    meaning: 'It cannot be cancelled now. Retry after the seconds in `Retry-After`.',
  },
  ORDER_NOT_CANCELLABLE: {
    status: 409,
    title: 'The order cannot be cancelled',
    meaning: 'It failed, so there is nothing to cancel.',
  },
  NOT_DEAD_LETTERED: {
    status: 409,
    title: 'The order is not a dead letter',
    meaning: 'Only a dead letter, an order that the worker gave up on, can be redriven.',
  },
} as const satisfies ErrorCatalogue;

export const problem = problemFactory(ERRORS);

/** Turns an error of the kit or the database into a problem. */
export function translateError(error: unknown): ProblemError | undefined {
  if (error instanceof OutcomeUnknown) {
    const detail = 'The order may exist. Retry with the same key, or look the order up by its key.';
    return problem('OUTCOME_UNKNOWN', detail, { headers: { 'Retry-After': '1' }, cause: error.cause });
  }
  return unavailableProblem(error, {
    database: 'The order database does not answer. Retry with the same key.',
    waiting: 'Too many orders are waiting.',
  });
}

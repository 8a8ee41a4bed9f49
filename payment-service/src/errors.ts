import { forgottenProblem, UNDECIDED_ERRORS } from '@valerix/service-kit/decide-in-batches';
import { COMMON_ERRORS, type ErrorCatalogue, type ProblemError, problemFactory } from '@valerix/service-kit/problem';
import { unavailableProblem } from '@valerix/service-kit/unavailable';

/** Every error this service answers with; docs/errors.md describes the same ones, and a test compares the two. */
export const ERRORS = {
  ...COMMON_ERRORS,
  ...UNDECIDED_ERRORS,
  PAYMENT_PENDING: {
    status: 503,
    title: 'The provider has not confirmed yet',
    meaning:
      'Whether the money was taken, or given back, is not known yet. The payment service goes on asking the provider. Send the same command again to learn the outcome: nothing is charged twice.',
  },
  NOTHING_TO_ADOPT: {
    status: 409,
    title: 'The provider has not charged this order',
    meaning: 'There is no charge to book: the detail says what the provider knows of the order.',
  },
  PAYMENT_KNOWN: {
    status: 409,
    title: 'The payment is known',
    meaning:
      'Only a charge that this service does not know can be adopted. What the provider says of a known payment is booked by itself.',
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
  return (
    forgottenProblem(error) ??
    unavailableProblem(error, {
      database: 'The payment database does not answer.',
      waiting: 'Too many commands are waiting.',
    })
  );
}

import { COMMON_ERRORS, type ErrorCatalogue, type ProblemError, problemFactory } from '@valerix/service-kit/problem';
import { unavailableProblem } from '@valerix/service-kit/unavailable';
import { LineFull } from './fair-line.ts';

/** Every error this service answers with; docs/errors.md describes the same ones, and a test compares the two. */
export const ERRORS = {
  ...COMMON_ERRORS,
  SIGN_IN_FAILED: {
    status: 401,
    title: 'Email or password is wrong',
    meaning:
      'There is no account with this email, it is disabled, or it has another password; the answer is the same. After five failures in 15 minutes it comes later.',
  },
  SESSION_ENDED: {
    status: 401,
    title: 'The session has ended',
    meaning:
      'The refresh token is unknown, too old, or was used before, or its session was ended. A token used twice ends its session, since somebody else may have it. Sign in again.',
  },
  EMAIL_TAKEN: {
    status: 409,
    title: 'The email has an account',
    meaning: 'An operator wanted to create a user whose email has an account already.',
  },
  OPERATOR_EXISTS: {
    status: 409,
    title: 'There is an operator already',
    meaning: 'The first operator is made once. An operator creates the others at `POST /api/identity/users`.',
  },
  LAST_OPERATOR: {
    status: 409,
    title: 'This is the last operator',
    meaning: 'Without an operator nobody could manage users. Make another user an operator first.',
  },
} as const satisfies ErrorCatalogue;

export const problem = problemFactory(ERRORS);

/** Turns an error of the kit or the database into a problem. */
export function translateError(error: unknown): ProblemError | undefined {
  if (error instanceof LineFull) {
    return problem('OVERLOADED', 'Too many passwords wait to be checked.', { headers: { 'Retry-After': '1' } });
  }
  return unavailableProblem(error, { database: 'The identity database does not answer.' });
}

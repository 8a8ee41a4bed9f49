import { COMMON_ERRORS, type ErrorCatalogue, ProblemError, problemFactory } from '@valerix/service-kit/problem';

const { INJECTED_FAULT: _fault, DATABASE_UNAVAILABLE: _database, ...COMMON } = COMMON_ERRORS;

/** Every error that the laboratory answers with; a test compares the list with docs/errors.md. */
export const ERRORS = {
  ...COMMON,
  GAMEDAY_RUNNING: {
    status: 409,
    title: 'A game day is running',
    meaning:
      'Only one runs at a time, because two would disturb each other. `detail` names it: stop it, or wait until it ends.',
  },
  GAMEDAY_NOT_RUNNING: {
    status: 409,
    title: 'The game day is over',
    meaning: 'Only a running game day can be stopped.',
  },
  GAMEDAY_NOT_STARTED: {
    status: 500,
    title: 'The game day could not be started',
    meaning: 'Its process ended before the run began; `detail` has its last lines.',
  },
} as const satisfies ErrorCatalogue;

export const problem = problemFactory(ERRORS);

/** The laboratory throws only problems. */
export const translateError = (error: unknown): ProblemError | undefined =>
  error instanceof ProblemError ? error : undefined;

import {
  accountBody,
  changePasswordBody,
  changeUserBody,
  createUserBody,
  keySet,
  listUsersQuery,
  operatorSignInBody,
  refreshBody,
  signInBody,
  signOutBody,
  signUpAnswer,
  tokens,
  userAnswer,
  userList,
} from '@valerix/contracts';
import {
  anybody,
  BODY_ERRORS,
  by,
  json,
  jsonRequest,
  openApi,
  operatorOnly,
  problems,
} from '@valerix/service-kit/openapi';
import { z } from 'zod';
import { ERRORS } from './errors.ts';

const signedIn = by('customer', 'operator');
const oneUser = z.object({ user_id: z.uuid() });
const hashed = [...BODY_ERRORS, 'OVERLOADED', 'DATABASE_UNAVAILABLE'] as const;

/** Served at /openapi.json. */
export const openApiDocument = openApi({
  title: 'Valerix identity service',
  version: '1',
  description:
    'Who is who. Signs people in and gives them access tokens, which every service verifies by itself with the published keys.',
  paths: {
    '/api/identity/sign-up': {
      post: {
        ...anybody('signUp'),
        summary: 'Add a customer',
        description: 'The answer and its time are the same if the email has an account already. Sign in next.',
        requestBody: jsonRequest(accountBody),
        responses: { 202: json('Taken.', signUpAnswer), ...problems(ERRORS, ...hashed) },
      },
    },
    '/api/identity/sign-in': {
      post: {
        ...anybody('signIn'),
        summary: 'Start a session',
        description:
          'A wrong pair of email and password is answered late, whatever is wrong with it; the right one never waits for that.',
        requestBody: jsonRequest(signInBody),
        responses: {
          200: json('The tokens of the session.', tokens),
          ...problems(ERRORS, ...hashed, 'SIGN_IN_FAILED'),
        },
      },
    },
    '/api/identity/refresh': {
      post: {
        ...anybody('refresh'),
        summary: 'Replace a refresh token, and get an access token',
        description:
          'A refresh token works once. For half a minute, its repetition gets the same successor, because the first answer may have been lost; later, or once the successor was used, it ends the session.',
        requestBody: jsonRequest(refreshBody),
        responses: {
          200: json('The next tokens of the session.', tokens),
          ...problems(ERRORS, ...BODY_ERRORS, 'SESSION_ENDED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/identity/sign-out': {
      post: {
        ...anybody('signOut'),
        summary: 'End a session, or all sessions of its user',
        description: 'Access tokens of the session stay valid until they expire.',
        requestBody: jsonRequest(signOutBody),
        responses: {
          204: { description: 'Ended, now or before.' },
          ...problems(ERRORS, ...BODY_ERRORS, 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/identity/password': {
      post: {
        ...signedIn('changePassword'),
        summary: 'Change the password, and end every other session',
        requestBody: jsonRequest(changePasswordBody),
        responses: {
          200: json('The tokens of a new session.', tokens),
          ...problems(ERRORS, ...hashed, 'UNAUTHORIZED', 'SIGN_IN_FAILED'),
        },
      },
    },
    '/api/me': {
      get: {
        ...signedIn('readMe'),
        summary: 'The user of the access token',
        responses: { 200: json('The user.', userAnswer), ...problems(ERRORS, 'UNAUTHORIZED', 'DATABASE_UNAVAILABLE') },
      },
    },
    '/.well-known/jwks.json': {
      get: {
        ...anybody('readKeys'),
        summary: 'The keys that verify access tokens (RFC 7517)',
        description:
          'Also while the database is away, once this process has read them. A key is here two hours before it signs, and two hours after ' +
          'it signed last.',
        responses: { 200: json('The keys.', keySet), ...problems(ERRORS, 'VALIDATION_FAILED', 'DATABASE_UNAVAILABLE') },
      },
    },
    '/api/identity/bootstrap': {
      post: {
        ...operatorOnly('bootstrap'),
        summary: 'Make the first operator; works once, and with the operator token only',
        requestBody: jsonRequest(accountBody),
        responses: {
          201: json('The operator.', userAnswer),
          ...problems(ERRORS, ...hashed, 'UNAUTHORIZED', 'OPERATOR_EXISTS', 'EMAIL_TAKEN'),
        },
      },
    },
    '/api/identity/operator-sign-ins': {
      post: {
        ...operatorOnly('noteOperatorSignIn'),
        summary: 'Audit that an operator signed in at the dashboard without an account; with the operator token only',
        requestBody: jsonRequest(operatorSignInBody),
        responses: {
          204: { description: 'Audited.' },
          ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/identity/users': {
      get: {
        ...operatorOnly('listUsers'),
        summary: 'The users, in the order of their creation',
        requestParams: { query: listUsersQuery },
        responses: {
          200: json('A page.', userList),
          ...problems(ERRORS, 'VALIDATION_FAILED', 'UNAUTHORIZED', 'DATABASE_UNAVAILABLE'),
        },
      },
      post: {
        ...operatorOnly('createUser'),
        summary: 'Create a user',
        requestBody: jsonRequest(createUserBody),
        responses: {
          201: json('The user.', userAnswer),
          ...problems(ERRORS, ...hashed, 'UNAUTHORIZED', 'EMAIL_TAKEN'),
        },
      },
    },
    '/api/identity/users/{user_id}': {
      patch: {
        ...operatorOnly('changeUser'),
        summary: "Change a user's roles, disable it, or enable it again",
        description:
          'Disabling ends all sessions. An access token keeps its roles until it expires, after 15 minutes at most.',
        requestParams: { path: oneUser },
        requestBody: jsonRequest(changeUserBody),
        responses: {
          200: json('The user after the change.', userAnswer),
          ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'NOT_FOUND', 'LAST_OPERATOR', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
  },
});

import type { Cut } from '@valerix/gameday/laboratory';

/** A guard of who may do what, taken out, and the test file that must then fail. */
export interface AccessSabotage {
  name: string;
  cuts: readonly Cut[];
  caughtBy: string;
  /** Of the file, only the tests whose names have this are run. */
  test?: string;
}

const TABLE = 'test/access-table.component.test.ts';
const CLOSED = 'with ACCESS=closed';
const GUESSING = 'identity-service/test/guessing.component.test.ts';
const SESSIONS = 'identity-service/test/sessions.component.test.ts';
const identity = 'packages/service-kit/src/identity';

const sabotage = (name: string, caughtBy: string, file: string, find: string, replace: string): AccessSabotage => ({
  name,
  caughtBy,
  cuts: [{ file, find, replace }],
  ...(caughtBy === TABLE && { test: CLOSED }),
  ...(caughtBy === GUESSING && { test: 'failures count at all replicas together' }),
});

/** `make access-sabotage` plays them. They need real processes, into which the laboratory's cuts reach. */
export const ACCESS_SABOTAGES: AccessSabotage[] = [
  sabotage(
    'an order is shown to whoever has any order',
    TABLE,
    'order-service/src/ownership.ts',
    "return { reach: access === 'open' ? 'all' : owns, owns };",
    "return { reach: 'all', owns };",
  ),
  sabotage(
    'any order token fits any order',
    TABLE,
    'order-service/src/ownership.ts',
    'orderId !== undefined && isTokenOf(orderId, headersDistinct[HEADER.orderToken])',
    'orderId !== undefined',
  ),
  sabotage(
    'any algorithm is taken for which a key is published',
    TABLE,
    `${identity}/verify-token.ts`,
    'algorithms: [ACCESS_TOKEN.algorithm], ',
    '',
  ),
  sabotage(
    'the audience is not compared',
    TABLE,
    `${identity}/verify-token.ts`,
    ', audience: ACCESS_TOKEN.audience',
    '',
  ),
  sabotage(
    'tokens do not end',
    TABLE,
    `${identity}/verify-token.ts`,
    'clockTolerance: LEEWAY_S',
    'clockTolerance: 1e9',
  ),
  sabotage(
    'a customer passes as an operator',
    TABLE,
    `${identity}/require.ts`,
    "requireKind('an operator', 'operator')",
    "requireKind('an operator', 'operator', 'customer')",
  ),
  sabotage(
    'an operator passes where only services may',
    TABLE,
    `${identity}/require.ts`,
    `requireKind("a service's credential", 'service')`,
    `requireKind("a service's credential", 'service', 'operator')`,
  ),
  sabotage(
    'closed access is open for ledger, queue and verdict',
    TABLE,
    `${identity}/require.ts`,
    "access === 'open' ? (_req, _res, next)",
    'access ? (_req, _res, next)',
  ),
  sabotage(
    'any operator may make the first operator',
    TABLE,
    'identity-service/src/routes.ts',
    "only('the operator token', (principal) => principal === MACHINE)",
    "only('the operator token', ({ kind }) => kind === 'operator')",
  ),
  sabotage(
    'a former operator still manages users',
    'identity-service/test/users.component.test.ts',
    'identity-service/src/routes.ts',
    "next(roles.includes('operator') ? undefined : refusal(req, 'an operator'));",
    'next();',
  ),
  sabotage(
    "a key is not its user's",
    'order-service/test/ownership.component.test.ts',
    `${identity}/principal.ts`,
    'isPerson(principal) ?',
    'principal === null ?',
  ),
  sabotage(
    'a refresh token that is used again ends nothing',
    SESSIONS,
    'identity-service/src/sessions.ts',
    'await store.end(sessionId);\n        metrics.reused.inc();',
    '',
  ),
  sabotage(
    'the last use of a refresh token may be repeated for ever',
    SESSIONS,
    'identity-service/src/sessions.ts',
    'if (isRepeated && found.in_grace)',
    'if (isRepeated)',
  ),
  sabotage(
    'an invented refresh token ends the session it names',
    SESSIONS,
    'identity-service/src/sessions.ts',
    'if (found.family_hash.equals(family_hash)) {',
    'if (family_hash) {',
  ),
  sabotage(
    'two spellings of an email are two accounts',
    'identity-service/test/sign-in.component.test.ts',
    'identity-service/src/user-store.ts',
    "email.normalize('NFC').toLowerCase().normalize('NFC')",
    'email.toLowerCase()',
  ),
  sabotage(
    'failures count at each replica alone',
    GUESSING,
    'identity-service/src/failures.ts',
    'Math.max(here, everywhere ?? 0)',
    'Math.max(here, everywhere ? here : here)',
  ),
  sabotage(
    "a provider's ID token passes as an access token",
    'test/openid-provider.component.test.ts',
    `${identity}/verify-token.ts`,
    'if (OIDC_ISSUER && !isAccessToken(protectedHeader, payload))',
    'if (!payload)',
  ),
];

import { ProblemError } from '@valerix/service-kit/problem';
import { repeat } from '@valerix/service-kit/repeat';
import { startService } from '@valerix/service-kit/service';
import { createServiceApp } from '@valerix/service-kit/service-app';
import { createSharedCount } from '@valerix/service-kit/shared-count';
import { readConfig } from './config.ts';
import { translateError } from './errors.ts';
import { Failures, WINDOW_MS } from './failures.ts';
import { createKeyStore } from './key-store.ts';
import { createManageUsers } from './manage-users.ts';
import { createMetrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { createPasswords } from './passwords.ts';
import { createRoutes } from './routes.ts';
import { openSecret } from './secret.ts';
import { createSessionStore } from './session-store.ts';
import { createSessions } from './sessions.ts';
import { createSignIn } from './sign-in.ts';
import { openSigningKeys } from './signing-keys.ts';
import { createUserStore } from './user-store.ts';

/** How often sessions that are too old are deleted. */
const TIDY_MS = 3_600_000;

const config = readConfig();
const service = await startService({
  key: 'identity',
  config,
  tables: ['users', 'sessions', 'signing_keys'],
  ownKeys: (header, token) => keys.find(header, token),
});
const { logger, lifecycle, registry, workPool } = service;
const metrics = createMetrics(registry);

// Without a token there is no secret outside the database; it is required in production.
const secret = openSecret(config.OPERATOR_TOKEN ?? '');
const { SIGNING_KEY_PERIOD: periodMs, SIGNING_KEY_LEAD: leadMs } = config;
const keys = openSigningKeys({
  store: createKeyStore(workPool, { periodMs, leadMs }),
  secret,
  logger,
  turnMs: Math.min(leadMs / 4, 60_000),
});
const sessionTimes = { lifetimeMs: config.SESSION_LIFETIME, graceMs: config.REFRESH_GRACE_MS };
const sessionStore = createSessionStore(workPool, sessionTimes);
const users = createUserStore(workPool);
const passwords = createPasswords({ secret, hashesAtOnce: config.HASHES_AT_ONCE });
const sessions = createSessions({
  ...{ store: sessionStore, keys, secret, metrics },
  ...{ accessMs: config.ACCESS_TOKEN_LIFETIME, sessionMs: config.SESSION_LIFETIME },
});
const failures = new Failures(
  createSharedCount(service.redis, `${service.name}:failures`, WINDOW_MS / 1_000),
  secret.pseudonym,
);
const manageUsers = createManageUsers({ users, passwords });

const app = createServiceApp(service, {
  checks: service.checks,
  openApi: openApiDocument,
  limitedAs: {
    '/api/identity/sign-in': 'sign-in',
    '/api/identity/sign-up': 'sign-in',
    '/api/identity/password': 'sign-in',
  },
  routes: createRoutes({
    signIn: createSignIn({ users, sessions, passwords, failures, metrics }),
    sessions,
    manageUsers,
    keys,
    operator: service.operator,
  }),
  translateError,
});

const { FIRST_OPERATOR_EMAIL: email, FIRST_OPERATOR_PASSWORD: password } = config;
if (email && password) {
  // Not awaited: a service starts without its database, and is then ready later.
  manageUsers.bootstrap({ email, password }, { who: 'environment', principal: 'environment' }).then(
    () => logger.info('the first operator was made'),
    (err) => {
      if (err instanceof ProblemError && err.code === 'OPERATOR_EXISTS') return;
      logger.error({ err }, 'the first operator could not be made; restart to try again');
    },
  );
}
const tidying = repeat(TIDY_MS, async (stopped) => {
  try {
    while (!stopped.aborted && (await sessionStore.tidy()));
  } catch (err) {
    logger.warn({ err }, 'old sessions could not be deleted');
  }
});

// Stopped in this order.
await service.listen(app);
lifecycle.onStop('old sessions', () => tidying.stop());
lifecycle.onStop('signing keys', () => keys.stop());
// Only the operators' audit is history.
service.retain({ tables: [], close: async () => async () => {} });

service.ready();

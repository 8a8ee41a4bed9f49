import { createServer, type RequestListener, type Server } from 'node:http';
import type { HttpProcessConfig } from './env.ts';
import { type IdentityOptions, openIdentity } from './identity/identify.ts';
import { requireOperator } from './identity/require.ts';
import { Lifecycle } from './lifecycle.ts';
import { createLogger } from './logger.ts';
import { createRegistry } from './metrics.ts';
import { createRateLimits } from './rate-limits.ts';

export type HttpProcess = ReturnType<typeof startHttpProcess>;

/** How long a request may take to arrive, milliseconds. Node's default is five minutes, looked at twice a minute. */
const ARRIVAL_MS = 10_000;

/** A server that cuts requests which do not arrive in time: meanwhile they hold places among those that are let in at once (I13). */
export const createHttpServer = (app: RequestListener, arrivalMs = ARRIVAL_MS): Server =>
  createServer(
    { requestTimeout: arrivalMs, headersTimeout: arrivalMs, connectionsCheckingInterval: arrivalMs / 10 },
    app,
  );

/** Opens a process with an HTTP interface: logger, signals, metrics. From here on SIGTERM stops it in order. */
export function startHttpProcess(
  name: string,
  config: HttpProcessConfig,
  { callers = new Map(), ownKeys }: Partial<Pick<IdentityOptions, 'callers' | 'ownKeys'>> = {},
) {
  const logger = createLogger({ service: name, replica: config.REPLICA, level: config.LOG_LEVEL });
  const lifecycle = new Lifecycle({
    logger,
    graceMs: config.SHUTDOWN_GRACE_MS,
    delayMs: config.SHUTDOWN_DELAY_MS,
  });
  lifecycle.handleSignals();
  const registry = createRegistry();
  const limits = createRateLimits({
    quotas: {
      reads: config.LIMIT_READS,
      writes: config.LIMIT_WRITES,
      control: config.LIMIT_CONTROL,
      'sign-in': config.LIMIT_SIGN_IN,
      webhooks: config.LIMIT_WEBHOOKS,
      tokens: config.LIMIT_TOKENS,
    },
    exempt: config.LIMIT_EXEMPT,
    registry,
  });
  const identity = openIdentity({ config, callers, limits, logger, ownKeys });
  return {
    name,
    logger,
    lifecycle,
    registry,
    /** Whose `X-Forwarded-For` is believed. */
    trustedProxies: config.TRUSTED_PROXIES,
    limits,
    /** Puts who sent it on each request. */
    identify: identity.identify,
    /** Keeps the keys of access tokens in a database, for processes that start without their issuer. */
    rememberKeysIn: identity.rememberIn,
    /** Lets only operators pass. */
    operator: requireOperator,

    /** Listens. At a stop, the server drains in the order in which the steps were registered. @returns the port */
    listen: (app: RequestListener): Promise<number> =>
      lifecycle.listen(createHttpServer(app), config.PORT, config.HOST),

    /** Allows `/readyz` to answer 200. */
    ready(): void {
      lifecycle.onStop('keys of the issuer', () => identity.stop());
      lifecycle.ready();
    },
  };
}

import type { RequestListener } from 'node:http';
import { callersOf, credentialVariable, declaration, type ServiceKey } from '@valerix/system';
import type { RequestHandler } from 'express';
import { requireSecrets, type ServiceConfig } from './env.ts';
import { followDatabase } from './follow-database.ts';
import { type GateOptions, gate } from './gate.ts';
import { postgresCheck, redisCheck } from './health.ts';
import { startHttpProcess } from './http-process.ts';
import type { IdentityOptions } from './identity/identify.ts';
import type { Principal } from './identity/principal.ts';
import { requireInsiderUnlessOpen, requireService } from './identity/require.ts';
import { installationOf } from './installation.ts';
import { openPools } from './pools.ts';
import { createRedis, type Redis, watchRedis } from './redis.ts';
import { type RetainOptions, retain, retentionMetrics } from './retention/retain.ts';

export interface ServiceOptions<K extends ServiceKey> {
  key: K;
  config: ServiceConfig;
  /** The service is ready only when these tables exist. */
  tables: string[];
  /** Of identity-service: its keys, which it need not fetch from itself. */
  ownKeys?: IdentityOptions['ownKeys'];
}

/** The common parts on which a service builds its own. */
export type Service<K extends ServiceKey = ServiceKey> = Awaited<ReturnType<typeof startService<K>>>;

/** The kit's own tables, which `migrate` creates in every service's database. */
const KIT_TABLES = ['chaos_halt', 'operator_audit', 'installation', 'retention', 'issuer_keys'];

/**
 * Opens a service: logger, signals, metrics, database, Redis and the faults that can reach it. The service's own parts follow in
 * its composition root, then `listen`, the steps of its stop, and `ready`.
 * @throws {ConfigError} naming each secret that is missing
 */
export async function startService<K extends ServiceKey>({ key, config, tables, ownKeys }: ServiceOptions<K>) {
  const secrets = requireSecrets(key, config);
  const callers = callersOf(key).map((caller): [string, Principal] => [
    secrets[credentialVariable(caller, key)],
    { kind: 'service', id: caller, name: declaration(caller).name },
  ]);
  const base = startHttpProcess(declaration(key).name, config, { callers: new Map(callers), ownKeys });
  const { logger, lifecycle, registry } = base;

  const pools = openPools(base, config);
  base.rememberKeysIn(pools.watch);
  const redis = createRedis(config.REDIS_URL, logger);
  const redisWatch = watchRedis(registry, redis, logger);
  const stopSharing = base.limits.share(redis, `valerix:${installationOf(config.OPERATOR_TOKEN)}:${base.name}`);

  const database = followDatabase({ pool: pools.watch, registry, logger });
  const ageMetrics = retentionMetrics(registry);
  const chaos = config.CHAOS
    ? (await import('./chaos/service-chaos.ts')).openServiceChaos({ key, base, config })
    : undefined;
  /** A Redis client for the service's work. */
  const breakableRedis = (client: Redis): Redis => chaos?.breakableRedis(client) ?? client;
  const workRedis = breakableRedis(redis);
  const postgres = postgresCheck(pools.probe, [...tables, ...KIT_TABLES]);

  return {
    ...base,
    /** Its own secrets, and its credential for each service that it has the address of. */
    secrets,
    /** Lets only the services pass that call this one. */
    callers: requireService,
    /** Lets everybody look with ACCESS=open; otherwise operators and services. */
    insiders: requireInsiderUnlessOpen(config.ACCESS),
    /** The middleware for `createServiceApp`; like `injector`, undefined with CHAOS=off. */
    chaos: chaos?.http,
    injector: chaos?.injector,
    breakableRedis,

    /** For gauges; no fault reaches these two. */
    watchPool: pools.watch,
    redis,
    /** For the service's work, and for the readers who pass `readGate`; faults reach these three. */
    workPool: chaos?.breakablePool(pools.work) ?? pools.work,
    readPool: chaos?.breakablePool(pools.read) ?? pools.read,
    workRedis,

    /** Which database this is, and the time by its clock. */
    database,

    /** Drops the history that is older than RETENTION, until the service stops. */
    retain(parts: Pick<RetainOptions, 'tables' | 'prepare' | 'close' | 'afterwards'>): void {
      const url = config.DATABASE_URL;
      const common = { url, service: base.name, logger, metrics: ageMetrics, retentionMs: config.RETENTION };
      const retaining = retain({ ...common, ...parts });
      lifecycle.onStop('retention', () => retaining.stop());
    },

    /** Lets readers in while they have connections. Operators and other services are not refused. */
    readGate: (orders: Pick<GateOptions, 'closed' | 'busy'> = {}): RequestHandler =>
      gate({
        atOnce: config.DATABASE_READ_POOL_MAX,
        detail: 'Too many readers are being served.',
        exempt: ({ principal }) => principal.kind === 'operator' || principal.kind === 'service',
        ...orders,
      }),

    checks: { ready: { postgres }, health: { postgres, redis: redisCheck(workRedis), clock: database.clockCheck } },

    /** Reads the armed faults and which database this is, then listens. @returns the port */
    async listen(app: RequestListener): Promise<number> {
      await Promise.all([chaos?.start(), database.first]);
      return base.listen(app);
    },

    /** Registers the last steps of the stop, for the parts that all others need; then allows `/readyz` to answer 200. */
    ready(): void {
      lifecycle.onStop('chaos', () => chaos?.stop());
      lifecycle.onStop('redis', async () => {
        await Promise.all([redisWatch.stop(), stopSharing()]);
        redis.disconnect();
      });
      lifecycle.onStop('database follower', () => database.stop());
      lifecycle.onStop('database pools', () => pools.stop());
      base.ready();
    },
  };
}

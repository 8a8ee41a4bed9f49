import { declaration, type ServiceKey } from '@valerix/system';
import type { Express } from 'express';
import { createChaos } from './chaos/chaos.ts';
import { openControl } from './chaos/control/open-control.ts';
import { withPostgresFaults } from './chaos/dependency-postgres.ts';
import { withRedisFaults } from './chaos/dependency-redis.ts';
import type { Injector } from './chaos/injector.ts';
import type { ServiceConfig } from './env.ts';
import { postgresCheck, redisCheck } from './health.ts';
import { startHttpProcess } from './http-process.ts';
import { createPool, poolMetrics } from './postgres.ts';
import { createRedis, redisMetrics } from './redis.ts';

export interface ServiceOptions<K extends ServiceKey> {
  key: K;
  config: ServiceConfig;
  /** The service is ready only when these tables exist. */
  tables: string[];
}

/** The common parts on which a service builds its own. */
export type Service<K extends ServiceKey = ServiceKey> = ReturnType<typeof startService<K>>;

/**
 * Opens a service: logger, signals, metrics, database, Redis and the faults that can reach it. The service's own parts follow in
 * its `main.ts`, then `listen`, the steps of its stop, and `ready`.
 */
export function startService<K extends ServiceKey>({ key, config, tables }: ServiceOptions<K>) {
  const base = startHttpProcess(declaration(key).name, config);
  const { name, logger, lifecycle, registry } = base;

  const pool = createPool({ url: config.DATABASE_URL, service: name, max: config.DATABASE_POOL_MAX, logger });
  poolMetrics(registry, pool, config.DATABASE_POOL_MAX);
  const redis = createRedis(config.REDIS_URL, logger);
  redisMetrics(registry, redis);

  const chaos = createChaos({ key, replica: config.REPLICA, redisUrl: config.REDIS_URL, registry, logger });
  const common = chaos.injector as Injector as Injector<'inbound' | 'dependency.postgres' | 'dependency.redis'>;
  const control = openControl({ base, config, chaos });
  const workRedis = withRedisFaults(redis, common);
  const postgres = postgresCheck(pool, [...tables, ...control.tables]);

  return {
    ...base,
    /** `/api/admin/chaos`, which `createServiceApp` mounts. */
    control: control.routes,
    injector: chaos.injector,

    /** For probes and the auditor; no fault reaches these two. */
    pool,
    redis,
    /** For the service's work; faults reach these two. */
    workPool: withPostgresFaults(pool, common),
    workRedis,

    checks: { ready: { postgres }, health: { postgres, redis: redisCheck(workRedis) } },

    /** Reads the armed faults, then listens. @returns the port */
    async listen(app: Express): Promise<number> {
      await chaos.sync.start();
      return base.listen(app);
    },

    /** Registers the last steps of the stop, for the parts that all others need; then allows `/readyz` to answer 200. */
    ready(): void {
      lifecycle.onStop('control of chaos', () => control.stop());
      lifecycle.onStop('chaos', () => chaos.sync.stop());
      lifecycle.onStop('redis', () => redis.disconnect());
      lifecycle.onStop('database pool', () => pool.end());
      base.ready();
    },
  };
}

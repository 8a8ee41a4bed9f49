import type { ServiceConfig } from './env.ts';
import type { HttpProcess } from './http-process.ts';
import { gauge, type Registry, sampledGauges } from './metrics.ts';
import { COMMITTING, createPool, type Pool } from './postgres.ts';
import { repeat } from './repeat.ts';

/** For probes and `db_up`, which hold one each: neither ever waits for a connection. */
const PROBE_CONNECTIONS = 2;
/** For gauges, the epoch and the marks of chaos. */
const WATCH_CONNECTIONS = 2;
/** For the auditor, the owner number of the orders and the retention, which open their own connections. */
const OWN_CONNECTIONS = 3;
/** How many connections a process opens beside those of its `DATABASE_POOL_MAX` and `DATABASE_READ_POOL_MAX`. */
export const WATCHING_CONNECTIONS = PROBE_CONNECTIONS + WATCH_CONNECTIONS + OWN_CONNECTIONS;

const UP_INTERVAL_MS = 1_000;

/**
 * The pools of one service. Each kind of work has its own connections, so no crowd can take those of another kind: `work` for
 * orders, `read` for readers, `watch` for gauges and the like, `probe` for health checks.
 */
export function openPools({ name, registry, logger }: HttpProcess, config: ServiceConfig) {
  const open = (purpose: string, max: number) =>
    createPool({ url: config.DATABASE_URL, service: `${name}${purpose}`, max, logger });
  const pools = {
    work: open('', config.DATABASE_POOL_MAX),
    read: open(' read', config.DATABASE_READ_POOL_MAX),
    watch: open(' watch', WATCH_CONNECTIONS),
    probe: open(' probe', PROBE_CONNECTIONS),
  };
  poolMetrics(registry, pools);
  const up = databaseGauge(registry);
  const asking = repeat(UP_INTERVAL_MS, async () => {
    const answered = await pools.probe.query(`SELECT ${COMMITTING}`).catch((error: unknown) => {
      logger.debug({ err: error }, 'the database does not commit');
    });
    up.set(answered ? 1 : 0);
  });
  return {
    ...pools,
    async stop(): Promise<void> {
      await asking.stop();
      await Promise.all(Object.values(pools).map((pool) => pool.end()));
    },
  };
}

/** Connections in use, idle and requests waiting for one, by pool. */
export function poolMetrics(registry: Registry, pools: Record<string, Pool>): void {
  const sample = (name: string, help: string, read: (pool: Pool) => number) =>
    sampledGauges(registry, name, help, 'pool', () =>
      Object.fromEntries(Object.entries(pools).map(([purpose, pool]) => [purpose, read(pool)])),
    );
  sample('db_pool_in_use', 'Database connections in use.', (pool) => pool.totalCount - pool.idleCount);
  sample('db_pool_waiting', 'Requests waiting for a database connection.', (pool) => pool.waitingCount);
  sample('db_pool_max', 'The most database connections this process opens.', (pool) => pool.options.max);
}

/** In Kubernetes it is the only sign: a replica that is not ready gets no requests. */
export function databaseGauge(registry: Registry) {
  return gauge(
    registry,
    'db_up',
    '1 while the database commits; it is asked every second, on a connection of its own.',
  );
}

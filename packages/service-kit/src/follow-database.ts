import { hash } from 'node:crypto';
import type { Check } from './health.ts';
import type { Logger } from './logger.ts';
import { type Registry, sampledGauge } from './metrics.ts';
import type { Client, Pool } from './postgres.ts';
import { repeat } from './repeat.ts';

/** One database on one timeline. A value in Redis is valid only in the epoch in which it was written. */
export interface Epoch {
  /** Part of every name in Redis. */
  name: string;
  /** Kept only in PostgreSQL: proves that a value came from a process of this installation. */
  secret: string;
}

const READ_EVERY_MS = 1_000;
/** Clocks in one network usually agree this well. A smaller difference is not corrected, so that time does not jump. */
const NEGLIGIBLE_MS = 250;
/** `/health` and an alert report a difference from this size on. */
export const SKEWED_MS = 1_000;

/** Reads, now and every second, the database's identity and clock. */
export function followDatabase({ pool, registry, logger }: { pool: Pool; registry: Registry; logger: Logger }) {
  let epoch: Epoch | undefined;
  /** This process's clock minus the database's. */
  let skewMs = 0;
  const first = Promise.withResolvers<void>();

  async function read(): Promise<void> {
    try {
      // Before the clock is read: connecting takes longer than the statement.
      const client = await pool.connect();
      const asked = Date.now();
      const { epoch: current, now_ms } = await readDatabase(client).finally(() => client.release());
      const answered = Date.now();
      if (epoch && epoch.name !== current?.name) logger.warn('this is another database now; what Redis knew is void');
      epoch = current;
      skewMs = (asked + answered) / 2 - now_ms;
    } catch (error) {
      // The epoch stays: a retry gets its answer from Redis during an outage too, and a promotion is noticed once it can be read.
      logger.debug({ err: error }, 'the database could not be read for its epoch');
    }
    first.resolve();
  }

  const reading = repeat(READ_EVERY_MS, read);
  clockGauge(registry, () => skewMs / 1_000);

  return {
    /** Undefined before the first reading and on a standby: then no value in Redis is valid. */
    epoch: (): Epoch | undefined => epoch,

    /** The time by the database's clock, which all replicas share. */
    now: (): Date => new Date(Date.now() - (Math.abs(skewMs) < NEGLIGIBLE_MS ? 0 : skewMs)),

    /** Resolves when the first reading has ended, even if it failed. */
    first: first.promise,

    clockCheck: {
      severity: 'degraded',
      async run() {
        if (Math.abs(skewMs) < SKEWED_MS) return undefined;
        throw new Error(`the clock of this process is ${Math.round(skewMs / 1_000)} s ahead of the database's`);
      },
    } satisfies Check,

    stop: () => reading.stop(),
  };
}

export function clockGauge(registry: Registry, readSeconds: () => number): void {
  const help = "How far the process's clock is ahead of its database's; negative if it is behind.";
  sampledGauge(registry, 'clock_skew_seconds', help, readSeconds);
}

interface Row {
  id: string;
  secret: string;
  server: string;
  database: string;
  timeline: string | null;
  now_ms: number;
}

async function readDatabase(client: Client): Promise<{ epoch: Epoch | undefined; now_ms: number }> {
  // A promotion begins a new timeline, and its first file has that name from the first byte on.
  const { rows } = await client.query<Row>({
    name: 'read-epoch',
    text: `SELECT id, secret, system_identifier::text AS server, oid::text AS database,
        CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END AS timeline,
        (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms
      FROM installation, pg_control_system(), pg_database WHERE datname = current_database()`,
  });
  const [row] = rows;
  if (!row) throw new Error('the table installation has no row');
  const { id, secret, server, database, timeline, now_ms } = row;
  if (timeline === null) return { epoch: undefined, now_ms };
  const name = hash('sha256', [id, server, database, timeline].join(' '), 'base64url').slice(0, 16);
  return { epoch: { name, secret }, now_ms };
}

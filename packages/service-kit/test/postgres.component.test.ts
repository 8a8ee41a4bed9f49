import { setTimeout as sleep } from 'node:timers/promises';
import { freshDatabase } from '@valerix/local-stack/testing';
import pg from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { FaultyNetwork } from '../../../gameday/src/targets/faulty-network.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { freshPool } from '../../../test/support/fresh-pool.ts';
import { promotedBy } from '../../../test/support/old-generation.ts';
import { createLogger } from '../src/logger.ts';
import { createPool, isDatabaseUnavailable, type Pool, transaction } from '../src/postgres.ts';

/** Marks a statement that goes on after its client has left. */
const SLEEPER = `sleeper ${process.pid}`;
const PID = 'SELECT pg_backend_pid() AS pid';

describe('a pool', () => {
  it('should survive the loss of a connection between two statements of a transaction', async () => {
    const { pool, drop } = await freshPool('order_template', 2);
    const uncaught: unknown[] = [];
    const listener = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', listener);
    try {
      const failure = await transaction(pool, async (client) => {
        const { rows } = await client.query<{ pid: number }>(PID);
        const lost = new Promise<void>((resolve) => client.once('end', () => resolve()));
        await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
        await lost;
        await client.query('SELECT 1');
      }).catch((error: unknown) => error);
      expect(isDatabaseUnavailable(failure)).toBe(true);
      expect(uncaught).toEqual([]);
      expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    } finally {
      process.off('uncaughtException', listener);
      await drop();
    }
  });

  it('should give up a server that no longer answers, and work again with one that does', () =>
    overNetwork(async (pool, network) => {
      await pool.query('SELECT 1');
      network.mode = { kind: 'swallow', percent: 100 };
      const alone = await pool.query('SELECT 1').catch((error: unknown) => error);
      expect(isDatabaseUnavailable(alone)).toBe(true);
      expect(pool.totalCount).toBe(0);

      network.mode = { kind: 'healthy' };
      await eventually(() => pool.query('SELECT 1'));
      const within = await transaction(pool, async (client) => {
        network.mode = { kind: 'swallow', percent: 100 };
        await client.query('SELECT 1');
      }).catch((error: unknown) => error);
      expect(isDatabaseUnavailable(within)).toBe(true);
      expect(pool.totalCount).toBe(0);

      network.mode = { kind: 'healthy' };
      await eventually(async () => expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]));
    }));

  it('should give up a server that falls silent after the connection was idle for long', () =>
    overNetwork(async (pool, network) => {
      await pool.query('SELECT 1');
      await sleep(2 * SILENCE_MS);
      network.mode = { kind: 'swallow', percent: 100 };
      const failure = await pool.query('SELECT 1').catch((error: unknown) => error);
      expect(isDatabaseUnavailable(failure)).toBe(true);
    }));

  it('should keep the place of a connection that was given up until its backend has ended', () =>
    overNetwork(async (pool) => {
      const watcher = new pg.Client({ connectionString: inject('postgresUrl') });
      await watcher.connect();
      const given = transaction(pool, async (client) => {
        await client.query('SET LOCAL statement_timeout = 0');
        await client.query(`SELECT pg_sleep(3) /* ${SLEEPER} */`);
      }).catch((error: unknown) => error);
      expect(isDatabaseUnavailable(await given)).toBe(true);
      const sleeping = async () => {
        const { rows } = await watcher.query(
          'SELECT 1 FROM pg_stat_activity WHERE query LIKE $1 AND pid <> pg_backend_pid()',
          [`%${SLEEPER}%`],
        );
        return rows.length;
      };
      expect(await sleeping()).toBe(1);
      expect(pool.options.max).toBe(0);
      await expect(pool.query('SELECT 1')).rejects.toThrow();
      await eventually(async () => expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]));
      expect(await sleeping()).toBe(0);
      await watcher.end();
    }));

  it('should leave nothing of an answered statement behind for a full collection', async () => {
    const { pool, drop } = await freshPool('order_template', 2);
    const ask = async (times: number) => {
      for (let n = 0; n < times; n++) await pool.query('SELECT n FROM generate_series(1, 100) AS n');
    };
    try {
      await ask(500);
      expect(await promotedBy(() => ask(3_000))).toBeLessThan(1);
    } finally {
      await drop();
    }
  });

  it('should survive a connection that takes too long, at whatever moment the time is over', async () => {
    const uncaught: unknown[] = [];
    const listener = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', listener);
    try {
      await overNetwork(async (_pool, network, url) => {
        network.mode = { kind: 'slow', ms: 15, jitterMs: 0 };
        let connected = 0;
        for (let connectTimeoutMs = 5; connectTimeoutMs < 400 && connected < 3; connectTimeoutMs += 5) {
          const pool = createPool({ url, service: 'test', max: 1, connectTimeoutMs, logger: silent });
          const answer = await pool.query('SELECT 1 AS one').catch((error: unknown) => error);
          if (answer instanceof Error) expect(isDatabaseUnavailable(answer)).toBe(true);
          else connected++;
          await pool.end();
        }
        expect(connected).toBe(3);
      });
    } finally {
      process.off('uncaughtException', listener);
    }
    expect(uncaught).toEqual([]);
  });

  it('should keep a connection that is asked nothing, for however long', () =>
    overNetwork(async (pool) => {
      const pid = async (client: Pick<Pool, 'query'>) => (await client.query<{ pid: number }>(PID)).rows[0]?.pid;
      const before = await pid(pool);
      await sleep(2 * SILENCE_MS);
      expect(await pid(pool)).toBe(before);
      const within = await transaction(pool, async (client) => {
        await sleep(2 * SILENCE_MS);
        return pid(client);
      });
      expect(within).toBe(before);
    }));
});

describe('an error met while connecting', () => {
  it.each([
    ['a role that does not exist', { username: 'stranger' }],
    ['a database that does not exist', { pathname: '/dropped' }],
    ['a port that refuses', { port: '1' }],
    ['a host that has no address', { hostname: 'database.invalid' }],
    ['a server without TLS', { search: '?sslmode=verify-full' }],
  ])('should count as an unavailable database: %s', async (_, changes) => {
    const { href: url } = Object.assign(new URL(inject('postgresUrl')), changes);
    const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
    const pool = createPool({ url, service: 'test', max: 1, logger });
    const failure = await pool.query('SELECT 1').catch((error: unknown) => error);
    expect([String(failure), isDatabaseUnavailable(failure)]).toEqual([expect.any(String), true]);
    await pool.end();
  });

  it('should not be confused with a statement that is wrong', async () => {
    const { pool, drop } = await freshPool('order_template', 1);
    const failure = await pool.query('SELECT nothing').catch((error: unknown) => error);
    expect(isDatabaseUnavailable(failure)).toBe(false);
    await drop();
  });
});

/** A statement may take 100 ms, and its answer half a second longer. */
const STATEMENT_MS = 100;
const SILENCE_MS = STATEMENT_MS + 500;

const silent = createLogger({ service: 'test', replica: 'test', level: 'silent' });

async function overNetwork(use: (pool: Pool, network: FaultyNetwork, url: string) => Promise<void>): Promise<void> {
  const database = await freshDatabase(inject('postgresUrl'), 'order_template');
  const network = new FaultyNetwork(1);
  await network.listen();
  network.leadTo([database.url]);
  const url = new URL(database.url);
  url.port = String(network.port);
  const pool = createPool({ url: url.href, service: 'test', max: 1, statementTimeoutMs: STATEMENT_MS, logger: silent });
  try {
    await use(pool, network, url.href);
  } finally {
    await pool.end();
    await network.close();
    await database.drop();
  }
}

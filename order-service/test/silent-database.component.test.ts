import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Servers, startServers } from '@valerix/local-stack';
import { migratedTemplate } from '@valerix/local-stack/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder } from '../../test/support/http.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

const ps5 = { item_id: 'ps5', quantity: 1 };
/** A statement may take 2.5 s, after up to a second behind another one; the rest is for a busy machine. */
const ANSWER_WITHIN_MS = 5_000;
const POOL_MAX = 4;

describe('a database that does not answer', () => {
  let servers: Servers;
  let admin: pg.Client;
  let shop: OrderHarness;

  beforeAll(async () => {
    servers = await startServers();
    await migratedTemplate(servers, 'order');
    admin = new pg.Client({ connectionString: servers.postgresUrl('postgres') });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await servers.stop();
  });
  beforeEach(async () => {
    const addresses = { postgresUrl: servers.postgresUrl('postgres'), redisUrl: servers.redisUrl };
    shop = await startOrderService({ DATABASE_POOL_MAX: String(POOL_MAX) }, addresses);
    await eventually(async () => expect((await readiness()).status).toBe(200));
  });
  afterEach(() => shop.stop());

  const readiness = () => ask(`${shop.url}/readyz`);

  async function backends(names: string): Promise<number[]> {
    const { rows } = await admin.query<{ pid: number }>(
      'SELECT pid FROM pg_stat_activity WHERE application_name LIKE $1',
      [names],
    );
    return rows.map(({ pid }) => pid);
  }

  async function place(keys: string[]) {
    const started = performance.now();
    const answers = await Promise.all(keys.map((key) => placeOrder(shop.url, ps5, key)));
    return { answers, tookMs: performance.now() - started };
  }

  /** Every key ends in one order that is confirmed, whatever its first answer was. */
  async function expectOneOrderEach(keys: string[]) {
    await eventually(async () => {
      const { answers } = await place(keys);
      for (const { status } of answers) expect([201, 202]).toContain(status);
    });
    await eventually(async () => {
      const orders = await shop.rows<{ status: string }>('SELECT status FROM orders');
      expect(orders.map(({ status }) => status)).toEqual(keys.map(() => 'confirmed'));
    });
  }

  const newKeys = (count: number) => Array.from({ length: count }, () => randomUUID());

  it('answers ten orders with 503 when its connections fall silent after they were idle, and recovers', async () => {
    const keys = newKeys(10);
    // Longer than the guard against silence.
    await sleep(3_000);
    // The postmaster, too: as when the network swallows every packet, no new connection helps.
    const stopped = [servers.postgres.pid as number, ...(await backends('order-service%'))];
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    try {
      const [{ answers, tookMs }, probe] = await Promise.all([place(keys), readiness()]);
      expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 503));
      for (const { body } of answers) expect(['OUTCOME_UNKNOWN', 'DATABASE_UNAVAILABLE']).toContain(body.code);
      expect(tookMs).toBeLessThan(ANSWER_WITHIN_MS);
      expect(probe.status).toBe(503);
    } finally {
      for (const pid of stopped) process.kill(pid, 'SIGCONT');
    }
    await eventually(async () => expect((await readiness()).status).toBe(200));
    await expectOneOrderEach(keys);
  });

  it('answers orders with 503 while no commit is acknowledged, holds no more connections than its pool, and recovers', async () => {
    const configure = async (command: string) => {
      await admin.query(command);
      await admin.query('SELECT pg_reload_conf()');
    };
    const keys: string[] = [];
    await configure("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    try {
      for (let round = 0; round < 6; round++) {
        const more = newKeys(5);
        keys.push(...more);
        const { answers, tookMs } = await place(more);
        expect(answers.map(({ status }) => status)).toEqual(more.map(() => 503));
        expect(tookMs).toBeLessThan(ANSWER_WITHIN_MS);
        expect((await readiness()).status).toBe(503);
        expect((await ask(`${shop.url}/metrics`)).text).toMatch(/^db_up 0$/m);
        expect((await backends('order-service')).length).toBeLessThanOrEqual(POOL_MAX);
      }
    } finally {
      await configure('ALTER SYSTEM RESET synchronous_standby_names');
    }
    await eventually(async () => expect((await readiness()).status).toBe(200));
    await expectOneOrderEach(keys);
  }, 90_000);
});

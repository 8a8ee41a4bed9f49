import { haltSystem } from '@valerix/local-stack/commands/halt';
import { freshRedis, withDatabase } from '@valerix/local-stack/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { startInventoryService } from '../../inventory-service/test/inventory-harness.ts';
import { chaosClient } from '../../test/support/chaos-client.ts';
import { ask } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

/** The services' own user of Redis, so that a test can take from it the right to write. */
const USER = `control-${process.pid}`;
let acl: Redis;
let redisUrl: string;
let order: OrderHarness;
let inventory: Awaited<ReturnType<typeof startInventoryService>>;

const client = (url: string) => chaosClient({ operatorToken: TOKEN }, url);
const ERROR_AT_INVENTORY = { service: 'inventory-service', point: 'inbound', type: 'error' } as const;
const refusals = async () => (await ask(`${inventory.url}/api/inventory`)).status;

beforeAll(async () => {
  const url = new URL(await freshRedis(inject('redisUrl')));
  url.username = USER;
  url.password = 'secret';
  redisUrl = url.href;
  acl = new Redis(inject('redisUrl'));
  await acl.call('ACL', 'SETUSER', USER, 'on', '>secret', '~*', '&*', '+@all', '-flushall');
  [order, inventory] = await Promise.all([
    startOrderService({ REDIS_URL: redisUrl, REPLICA: 'order-1' }),
    startInventoryService({ REDIS_URL: redisUrl, REPLICA: 'inventory-1' }),
  ]);
});
afterAll(async () => {
  await Promise.all([order.stop(), inventory.stop()]);
  await acl.call('ACL', 'DELUSER', USER);
  acl.disconnect();
});
beforeEach(async () => {
  await client(inventory.url).rearm('a test starts');
});

describe('the control of chaos', () => {
  it('arms and ends a fault of another service through the order service, and audits it there', async () => {
    const chaos = client(order.url);
    const fault = await chaos.arm({ ...ERROR_AT_INVENTORY, reason: 'through the order service' });
    expect((await chaos.state()).faults[0]?.confirmed_by).toEqual(['inventory-1']);
    expect(await refusals()).toBe(500);
    await chaos.disarm(fault.id);
    expect(await refusals()).toBe(200);
    const rows = await order.rows<{ action: string }>('SELECT action FROM operator_audit ORDER BY id');
    expect(rows.map(({ action }) => action)).toEqual(['arm', 'disarm']);
    await expect(order.rows("UPDATE operator_audit SET who = 'x'")).rejects.toThrow('append only');
  });

  it('halts every process through the order service alone, and says which have confirmed it', async () => {
    await client(inventory.url).arm(ERROR_AT_INVENTORY);
    const { body } = await client(order.url).halt('enough');
    expect(body).toMatchObject({ halt: { halted: true }, confirmed_by: ['order-1', 'inventory-1'], not_heard: [] });
    expect(await refusals()).toBe(200);
  });

  it('is re-armed through another service than the one that halted it, and stays so', async () => {
    await client(order.url).halt('enough');
    await expect(client(inventory.url).arm(ERROR_AT_INVENTORY)).rejects.toThrow('CHAOS_HALTED');
    await client(inventory.url).rearm('go on');
    await client(order.url).arm({ ...ERROR_AT_INVENTORY, percentage: 0 });
    await expect
      .poll(async () => (await order.rows('SELECT halted FROM chaos_halt'))[0], { timeout: 5_000 })
      .toEqual({ halted: false });
    expect((await client(order.url).state()).halt).toMatchObject({ halted: false, reason: 'go on' });
  });

  it('keeps a halt that another service was told of through a wiped Redis', async () => {
    await client(order.url).halt('enough');
    await expect
      .poll(async () => (await inventory.rows('SELECT halted FROM chaos_halt'))[0], { timeout: 5_000 })
      .toEqual({ halted: true });
    await order.redis.flushdb();
    await expect(client(inventory.url).arm(ERROR_AT_INVENTORY)).rejects.toThrow('CHAOS_HALTED');
  });

  it('does not say 200 to a halt that Redis refuses to carry, and no process goes on with its faults', async () => {
    await client(inventory.url).arm(ERROR_AT_INVENTORY);
    expect(await refusals()).toBe(500);
    await acl.call('ACL', 'SETUSER', USER, '-@write', '-@scripting', '+eval');
    try {
      await expect(client(order.url).halt('enough')).rejects.toThrow('HALTED_HERE_ONLY');
      await expect.poll(refusals, { timeout: 2_000 }).toBe(200);
    } finally {
      await acl.call('ACL', 'SETUSER', USER, '+@all', '-flushall');
    }
    // The process that heard the halt tells the others as soon as Redis can be written.
    await expect.poll(async () => (await client(inventory.url).state()).halt.reason, { timeout: 5_000 }).toBe('enough');
    expect(await refusals()).toBe(200);
  });

  it('is known to be out of reach: /health and a gauge say that Redis takes no writes, though it answers', async () => {
    const redisNow = async (url: string) => (await ask(`${url}/health`)).body.checks.redis;
    const gaugeNow = async (url: string) => /^redis_writable (\d)$/m.exec((await ask(`${url}/metrics`)).text)?.[1];
    await expect.poll(() => gaugeNow(order.url), { timeout: 10_000 }).toBe('1');
    await acl.call('ACL', 'SETUSER', USER, '-@write', '-@scripting', '+eval');
    try {
      for (const { url } of [order, inventory]) {
        expect(await redisNow(url)).toMatchObject({ status: 'degraded', detail: expect.stringContaining('NOPERM') });
        await expect.poll(() => gaugeNow(url), { timeout: 10_000 }).toBe('0');
      }
    } finally {
      await acl.call('ACL', 'SETUSER', USER, '+@all', '-flushall');
    }
    await expect.poll(() => gaugeNow(order.url), { timeout: 10_000 }).toBe('1');
    expect((await redisNow(order.url)).status).toBe('up');
  });

  it('brings no halted fault back when chaos is re-armed as soon as Redis can be written again', async () => {
    await client(inventory.url).arm(ERROR_AT_INVENTORY);
    await acl.call('ACL', 'SETUSER', USER, '-@write', '-@scripting', '+eval');
    try {
      for (const { url } of [order, inventory]) await expect(client(url).halt('enough')).rejects.toThrow('HERE_ONLY');
      await expect(client(order.url).rearm('too early')).rejects.toThrow('CHAOS_UNAVAILABLE');
    } finally {
      await acl.call('ACL', 'SETUSER', USER, '+@all', '-flushall');
    }
    await client(order.url).rearm('go on');
    const fault = await client(order.url).arm({ ...ERROR_AT_INVENTORY, percentage: 0 });
    expect((await client(order.url).state()).faults.map(({ id }) => id)).toEqual([fault.id]);
    await expect.poll(async () => (await client(order.url).state()).faults[0]?.confirmed_by).toEqual(['inventory-1']);
    expect(await refusals()).toBe(200);
  });

  it.each([
    ['refuses connections', refuseConnections],
    ['does not answer', lockTheAudit],
  ])('ends all faults while the database %s, says that this is not audited, and audits it later', async (how, take) => {
    await client(inventory.url).arm(ERROR_AT_INVENTORY);
    const name = (await order.rows<{ name: string }>('SELECT current_database() AS name'))[0]?.name as string;
    const giveBack = await take(name);
    try {
      const start = performance.now();
      await expect(client(order.url).halt(how)).rejects.toThrow('HALTED_UNAUDITED');
      // Long before the request of this test is given up.
      expect(performance.now() - start).toBeLessThan(10_000);
      expect(await refusals()).toBe(200);
    } finally {
      await giveBack();
    }
    const audited = () => order.rows('SELECT who, action FROM operator_audit WHERE why = $1', [how]).catch(() => []);
    await expect.poll(audited, { timeout: 15_000 }).toEqual([{ who: 'test', action: 'halt' }]);
    await expect
      .poll(() => order.rows('SELECT halted, reason FROM chaos_halt'), { timeout: 5_000 })
      .toEqual([{ halted: true, reason: how }]);
  });
});

describe('two installations on one Redis', () => {
  const NEIGHBOUR = 'operator-token-of-the-neighbours';
  let neighbour: Awaited<ReturnType<typeof startInventoryService>>;
  const theirs = () => chaosClient({ operatorToken: NEIGHBOUR }, neighbour.url);
  const theirStatus = async () => (await ask(`${neighbour.url}/api/inventory`)).status;

  beforeAll(async () => {
    const env = { REDIS_URL: redisUrl, REPLICA: 'neighbour-1', OPERATOR_TOKEN: NEIGHBOUR };
    neighbour = await startInventoryService(env);
  });
  afterAll(() => neighbour.stop());

  it('share no fault, no count and no report', async () => {
    const fault = await client(inventory.url).arm({ ...ERROR_AT_INVENTORY, max_hits: 1 });
    const their = await theirs().arm(ERROR_AT_INVENTORY);
    expect(await theirStatus()).toBe(500);
    // Their hits have taken no turn of ours.
    expect([await refusals(), await refusals()]).toEqual([500, 200]);
    const [ours, others] = await Promise.all([client(order.url).state(), theirs().state()]);
    expect(ours.faults.map(({ id }) => id)).toEqual([fault.id]);
    expect(others.faults.map(({ id }) => id)).toEqual([their.id]);
    expect(ours.replicas.map(({ replica }) => replica)).toEqual(['inventory-1', 'order-1']);
    expect(others.replicas.map(({ replica }) => replica)).toEqual(['neighbour-1']);
    await client(order.url).clear();
    expect(await theirStatus()).toBe(500);
    await theirs().clear();
  });

  it('share no halt, whether a process writes it or a terminal', async () => {
    await client(inventory.url).arm({ ...ERROR_AT_INVENTORY, percentage: 0 });
    await theirs().arm(ERROR_AT_INVENTORY);
    await client(order.url).halt('ours alone');
    expect((await theirs().state()).halt.halted).toBe(false);
    expect(await theirStatus()).toBe(500);
    await client(order.url).rearm('go on');
    const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await haltSystem({ REDIS_URL: redisUrl, OPERATOR_TOKEN: NEIGHBOUR }, 'theirs alone');
    } finally {
      printed.mockRestore();
    }
    await expect.poll(theirStatus, { timeout: 5_000 }).toBe(200);
    expect((await theirs().state()).halt).toMatchObject({ halted: true, reason: 'theirs alone' });
    expect((await client(order.url).state()).halt.halted).toBe(false);
    await theirs().rearm('go on');
  });
});

async function refuseConnections(name: string) {
  const admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
  return async () => {
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await admin.end();
  };
}

async function lockTheAudit(name: string) {
  const locker = new pg.Client({ connectionString: withDatabase(inject('postgresUrl'), name) });
  await locker.connect();
  await locker.query('BEGIN');
  await locker.query('LOCK TABLE operator_audit IN EXCLUSIVE MODE');
  return () => locker.end();
}

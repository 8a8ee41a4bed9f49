import { setTimeout as sleep } from 'node:timers/promises';
import { checkDatabases } from '@valerix/gameday/checker';
import { type Stack, startStack } from '@valerix/local-stack';
import { MANDATORY_KEYS } from '@valerix/system';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ask, placeOrder, placeUntilTaken } from '../support/http.ts';
import { type Operation, runLoad } from '../support/load.ts';
import { makeWhole } from '../support/make-whole.ts';
import { restockAll } from '../support/restock.ts';

let stack: Stack;
let orders: pg.Pool;
let orderUrl: string;
let inventoryUrl: string;

beforeAll(async () => {
  stack = await startStack({ services: MANDATORY_KEYS });
  orderUrl = stack.services.order.urls[0] as string;
  inventoryUrl = stack.services.inventory.urls[0] as string;
  orders = new pg.Pool({ connectionString: stack.services.order.databaseUrl, max: 2 });
  // The database is killed in these tests; the pool of the test survives that as the services' pools do.
  orders.on('error', () => {});
});
afterAll(async () => {
  await orders?.end();
  await stack?.stop();
});
beforeEach(() => makeWhole(stack));

const open = `SELECT count(*)::int AS n FROM orders WHERE status IN ('pending', 'queued', 'cancelling')`;

/** Waits until every order has come to an end (I8), then checks what clients were told against the databases. */
async function checkEverything(operations: Operation[]): Promise<void> {
  await eventually(async () => expect((await orders.query(open)).rows[0].n).toBe(0), 120_000);
  const { rows } = await orders.query(
    'SELECT order_id, idempotency_key, status FROM orders WHERE idempotency_key = ANY($1)',
    [operations.map((operation) => operation.key)],
  );
  const byKey = new Map(rows.map((row) => [row.idempotency_key, row]));
  for (const { key, answers } of operations) {
    expect(answers.length, `an answer for ${key}`).toBeGreaterThan(0);
    expect(byKey.get(key), `I7: ${JSON.stringify(answers[0])}`).toBeDefined();
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.md5}`)).size, 'I10').toBe(1);
    if (answers[0]?.status === 201) expect(byKey.get(key).status, 'I5').toBe('confirmed');
    if (answers[0]?.status === 422) expect(byKey.get(key).status, 'I6').toBe('failed');
  }
  expect(await checkDatabases(stack)).toEqual([]);
}

/** 100 orders a second for six seconds; the fault strikes after two. */
async function underLoad(fault: () => Promise<void>): Promise<Operation[]> {
  await restockAll(inventoryUrl, stack.operatorToken, 500);
  const [operations] = await Promise.all([runLoad([orderUrl], 100, 6), sleep(2_000).then(fault)]);
  return operations;
}

const summary = (operations: Operation[]) => {
  const first = operations.map((operation) => operation.answers[0]?.status);
  const count = (status: number) => first.filter((seen) => seen === status).length;
  return `201: ${count(201)}, 202: ${count(202)}, 422: ${count(422)}, retried: ${operations.filter((o) => o.troubles.length > 0).length}`;
};

it('1,000 orders at once for an item with 100 in stock: exactly 100 are confirmed and 900 refused', async () => {
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, () => placeUntilTaken(orderUrl, { item_id: 'ps5', quantity: 1 })),
  );
  await eventually(async () => expect((await orders.query(open)).rows[0].n).toBe(0), 120_000);
  const { rows } = await orders.query('SELECT status, reason, count(*)::int AS n FROM orders GROUP BY 1, 2 ORDER BY 1');
  expect(rows).toEqual([
    { status: 'confirmed', reason: null, n: 100 },
    { status: 'failed', reason: 'OUT_OF_STOCK', n: 900 },
  ]);
  for (const answer of answers) expect([201, 202, 422]).toContain(answer.status);
  expect((await ask(`${inventoryUrl}/api/inventory/ps5`)).body.item.quantity).toBe(0);
  expect(await checkDatabases(stack)).toEqual([]);
});

it('kill -9 of the inventory service under load loses and doubles nothing', async () => {
  const operations = await underLoad(async () => {
    const inventory = stack.process('inventory-service');
    await inventory.hold();
    await sleep(1_000);
    await inventory.start();
  });
  console.log(`inventory killed: ${summary(operations)}`);
  expect(operations.some((operation) => operation.answers[0]?.status === 202)).toBe(true);
  await checkEverything(operations);
});

it('kill -9 of the order service under load loses and doubles nothing', async () => {
  const operations = await underLoad(async () => {
    const order = stack.process('order-service');
    await order.kill('SIGKILL');
    await order.untilReady();
  });
  console.log(`order-service killed: ${summary(operations)}`);
  expect(operations.some((operation) => operation.troubles.length > 0)).toBe(true);
  await checkEverything(operations);
});

it('I11: Redis wiped, killed and restarted under load changes no outcome, and orders are confirmed all the while', async () => {
  const operations = await underLoad(async () => {
    const redis = new Redis(stack.redisUrl);
    await redis.flushall();
    redis.disconnect();
    await stack.redis.hold();
    // On a busy machine, some of them are queued.
    await eventually(
      async () => expect((await placeOrder(orderUrl, { item_id: 'monitor', quantity: 1 })).status).toBe(201),
      60_000,
    );
    expect((await ask(`${orderUrl}/health`)).body).toMatchObject({
      status: 'degraded',
      checks: { redis: { status: 'degraded' } },
    });
    await sleep(1_000);
    await stack.redis.start();
  });
  console.log(`Redis killed: ${summary(operations)}`);
  await checkEverything(operations);
  await eventually(async () => expect((await ask(`${orderUrl}/health`)).body.status).toBe('up'));
});

it('an immediate stop of PostgreSQL under load: 503 with Retry-After, recovery without a restart, nothing lost', async () => {
  const pid = stack.process('order-service').pid;
  const operations = await underLoad(async () => {
    await stack.postgres.stop('immediate');
    const answer = await placeOrder(orderUrl, { item_id: 'monitor', quantity: 1 });
    expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
      503,
      'DATABASE_UNAVAILABLE',
      '1',
    ]);
    expect((await ask(`${orderUrl}/readyz`)).status).toBe(503);
    expect((await ask(`${orderUrl}/livez`)).status).toBe(200);
    await sleep(1_000);
    await stack.postgres.start();
  });
  console.log(`PostgreSQL stopped: ${summary(operations)}`);
  await checkEverything(operations);
  expect(stack.process('order-service').pid).toBe(pid);
});

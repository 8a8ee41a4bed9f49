import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startCrowd } from '../../test/support/crowd.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder, post } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

// The crowd takes a core of its own: on a busy machine everything takes its time.
vi.setConfig({ testTimeout: 120_000 });
const CLIENTS = 300;
let shop: OrderHarness;

beforeAll(async () => {
  shop = await startOrderService();
  await shop.rows(
    `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, response_status, response_body, correlation_id, created_at, updated_at)
     SELECT uuidv7(), 'key-' || n, '', 'confirmed', '[{"item_id":"ps5","quantity":1}]', 201, repeat('x', 400), '', now(), now()
     FROM generate_series(1, 1000) n`,
  );
});
afterAll(() => shop.stop());

it('answers orders and probes beside a crowd of readers, and sheds the readers', async () => {
  const crowd = startCrowd(`${shop.url}/api/orders?limit=200`, CLIENTS);
  try {
    await eventually(() => expect(crowd.statuses.get(429)).toBeGreaterThan(CLIENTS));
    const orders: number[] = [];
    const probes: number[] = [];
    for (let n = 0; n < 8; n++) {
      const [order, ready, health] = await Promise.all([
        placeOrder(shop.url, { item_id: 'ps5', quantity: 1 }),
        ask(`${shop.url}/readyz`),
        ask(`${shop.url}/health`),
      ]);
      orders.push(order.status);
      probes.push(ready.status, health.status);
    }
    // On a busy machine one may be late; without the gate nearly all were.
    expect(orders.filter((status) => status !== 201 && status !== 202).length).toBeLessThan(orders.length / 6);
    expect(probes.filter((status) => status !== 200).length).toBeLessThan(probes.length / 6);
    expect((await ask(`${shop.url}/metrics`)).text).toMatch(/^db_up 1$/m);
    // The operator, and a service with the operator's token, still read.
    const read = await ask(`${shop.url}/api/orders?limit=1`, { headers: { Authorization: `Bearer ${TOKEN}` } });
    expect(read.status).toBe(200);
  } finally {
    await crowd.stop();
  }
  expect(crowd.shed).toMatchObject({ 'retry-after': '1', 'content-type': 'application/problem+json; charset=utf-8' });
  expect(crowd.statuses.get(200)).toBeGreaterThan(0);
  expect([...crowd.statuses.keys()].sort()).toEqual([200, 429]);
});

it('answers orders and probes beside a crowd of cancellations', async () => {
  const crowd = startCrowd(`${shop.url}/health`, CLIENTS);
  const cancel = () => post(`${shop.url}/api/orders/${randomUUID()}/cancel`, {});
  const cancelling = Promise.all(Array.from({ length: CLIENTS }, async () => (await cancel()).status));
  try {
    const order = await placeOrder(shop.url, { item_id: 'ps5', quantity: 1 });
    expect([201, 202]).toContain(order.status);
    expect((await ask(`${shop.url}/readyz`)).status).toBe(200);
    for (const status of await cancelling) expect([404, 429, 503]).toContain(status);
  } finally {
    await crowd.stop();
  }
  expect([...crowd.statuses.keys()]).toEqual([200]);
});

it('says that the database is up, and is ready, while no order can be counted', async () => {
  const databaseUp = async () => /^db_up (\d)$/m.exec((await ask(`${shop.url}/metrics`)).text)?.[1];
  const holding = shop.rows('BEGIN; LOCK TABLE orders; SELECT pg_sleep(4); COMMIT');
  const answers: unknown[] = [];
  let held = true;
  void holding.finally(() => {
    held = false;
  });
  while (held) {
    answers.push(await databaseUp(), (await ask(`${shop.url}/readyz`)).status);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(new Set(answers)).toEqual(new Set(['1', 200]));
});

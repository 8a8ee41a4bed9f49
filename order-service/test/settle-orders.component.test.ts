import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder, post } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

const ps5 = { item_id: 'ps5', quantity: 1 };
let shop: OrderHarness;
afterEach(() => shop.stop());

const open = `SELECT count(*)::int AS n FROM orders WHERE status NOT IN ('confirmed', 'failed', 'cancelled')`;
const openOrders = async () => (await shop.rows<{ n: number }>(open))[0]?.n;

/** Keeps placing orders of another item until the check passes. */
const whileOthersAreDecided = (check: () => Promise<void>) =>
  eventually(async () => {
    await placeOrder(shop.url, { item_id: 'xbox', quantity: 1 });
    await check();
  });

/** Orders as a long outage leaves them: queued, due now. */
async function queueMany(count: number): Promise<void> {
  await shop.rows(
    `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, response_status, response_body, next_attempt_at,
       correlation_id, created_at, updated_at)
     SELECT uuidv7(), 'key-' || n, 'f', 'queued', '[{"item_id":"ps5","quantity":1}]', 202, '{}', now(), 'test', now(), now()
     FROM generate_series(1, $1) AS n`,
    [count],
  );
}

it('the breaker opens when the inventory service fails: orders are accepted at once, and all settle when it is back', async () => {
  shop = await startOrderService({ BREAKER_MIN_CALLS: '5', BREAKER_RESET_MS: '200' });
  shop.inventory.become('reset');
  for (let i = 0; i < 10; i++) expect((await placeOrder(shop.url, ps5)).status).toBe(202);
  const breaker = async () => (await ask(`${shop.url}/metrics`)).text;
  expect(await breaker()).toMatch(/circuit_breaker_transitions_total\{service="inventory-service",to="open"\} [1-9]/);

  shop.inventory.become('apply');
  await eventually(async () => expect(await openOrders()).toBe(0));
  expect(await breaker()).toMatch(/circuit_breaker_state\{service="inventory-service"\} 0/);
  expect(shop.inventory.decisions.size).toBe(10);
});

it('a refusal is an answer, not a failure: it never opens the breaker', async () => {
  shop = await startOrderService({ BREAKER_MIN_CALLS: '5' });
  shop.inventory.become('refuse');
  for (let i = 0; i < 20; i++) expect((await placeOrder(shop.url, ps5)).status).toBe(422);
  expect((await ask(`${shop.url}/metrics`)).text).toMatch(/circuit_breaker_state\{service="inventory-service"\} 0/);
});

it('1,000 queued orders are settled by three workers side by side, each asked about once', async () => {
  // A busy machine must not let an attempt end early: the order would be asked about again.
  shop = await startOrderService({
    INVENTORY_ATTEMPT_TIMEOUT_MS: '20000',
    INVENTORY_DEADLINE_MS: '20000',
    LEASE_MS: '60000',
  });
  const replicas = [await shop.startReplica(), await shop.startReplica()];
  await queueMany(1_000);
  const start = performance.now();
  await eventually(async () => expect(await openOrders()).toBe(0), 30_000);
  console.log(`settled 1,000 queued orders in ${((performance.now() - start) / 1000).toFixed(2)} s`);
  const asked = shop.inventory.seen.map((command) => command.order_id);
  expect(new Set(asked).size).toBe(1_000);
  expect(asked.length).toBe(1_000);
  for (const replica of replicas) await replica.stop();
});

it('orders that the inventory service keeps waiting do not keep the other queued orders waiting', async () => {
  const patient = { INVENTORY_DEADLINE_MS: '60000', INVENTORY_ATTEMPT_TIMEOUT_MS: '60000', LEASE_MS: '90000' };
  shop = await startOrderService(patient);
  const first = new Set<string>();
  shop.inventory.stall(({ order_id }) => {
    if (first.size < 15) first.add(order_id);
    return first.has(order_id);
  });
  await queueMany(1_000);
  await eventually(async () => expect(await openOrders()).toBe(15), 30_000);
  // So that the worker can stop.
  await shop.inventory.leave();
});

it('I11: with Redis wiped and the stream gone, the sweep alone settles every order', async () => {
  shop = await startOrderService();
  shop.inventory.become('reset');
  const placed = await Promise.all(Array.from({ length: 5 }, () => placeOrder(shop.url, ps5)));
  await shop.redis.flushdb();
  shop.inventory.become('apply');
  for (const answer of placed) {
    await eventually(async () => expect((await shop.order(answer.body.order.order_id)).status).toBe('confirmed'));
  }
});

it('the stream hands a queued order to a worker at once: nobody waits for the sweep', async () => {
  // The sweep of this replica is over before the order exists, and the next is an hour away.
  shop = await startOrderService({ SWEEP_INTERVAL_MS: '3600000', INVENTORY_MAX_ATTEMPTS: '1' });
  shop.inventory.becomeOnce('reset');
  const { body } = await placeOrder(shop.url, ps5);
  expect(body.order.status).toBe('queued');
  await eventually(async () => expect((await shop.order(body.order.order_id)).status).toBe('confirmed'));
});

it('an order that cannot be decided while others are is a dead letter: kept, shown, counted, and redriven', async () => {
  shop = await startOrderService({ MAX_ATTEMPTS: '2', BACKOFF_MS: '20', BREAKER_MIN_CALLS: '100000' });
  shop.inventory.curse((command) => command.op === 'deduct' && command.items[0]?.item_id === 'ps5');
  const { order_id: id } = (await placeOrder(shop.url, ps5)).body.order;
  await whileOthersAreDecided(async () => expect((await shop.order(id)).dead_lettered_at).not.toBeNull());
  const queue = await eventually(async () => {
    const state = await ask(`${shop.url}/api/queue`);
    expect(state.body.queue).toMatchObject({ depth: 0, dead_lettered: 1 });
    return state;
  });
  expect(queue.body.dead_letters.map((order: { order_id: string }) => order.order_id)).toEqual([id]);
  await eventually(async () => expect((await ask(`${shop.url}/metrics`)).text).toMatch(/^orders_dead_lettered 1$/m));
  expect((await shop.order(id)).status).toBe('queued');
  const read = await ask(`${shop.url}/api/orders/${id}`);
  expect(read.body.message).toBe('Your order is kept, but not settled yet: an operator must requeue it.');

  shop.inventory.curse(() => false);
  const redriven = await post(`${shop.url}/api/queue/${id}/redrive`, {}, { Authorization: `Bearer ${TOKEN}` });
  expect(redriven.status).toBe(202);
  await eventually(async () => expect((await shop.order(id)).status).toBe('confirmed'));
  expect(await shop.eventTypes(id)).toEqual([
    'order.created',
    'order.queued',
    'order.retry_scheduled',
    'order.dead_lettered',
    'order.redriven',
    'order.confirmed',
  ]);
});

it('a dead letter that is cancelled after all is none any more', async () => {
  shop = await startOrderService({ MAX_ATTEMPTS: '1', BACKOFF_MS: '20', BREAKER_MIN_CALLS: '100000' });
  const { order_id: id } = (await placeOrder(shop.url, ps5)).body.order;
  shop.inventory.curse((command) => command.order_id === id);
  expect((await post(`${shop.url}/api/orders/${id}/cancel`, {})).status).toBe(202);
  await whileOthersAreDecided(async () => expect((await shop.order(id)).dead_lettered_at).not.toBeNull());

  shop.inventory.curse(() => false);
  const { order, message } = (await post(`${shop.url}/api/orders/${id}/cancel`, {})).body;
  expect([order.status, order.dead_lettered_at, message]).toEqual(['cancelled', null, 'Your order is cancelled.']);
  expect((await shop.order(id)).dead_lettered_at).toBeNull();
  await eventually(async () => expect((await ask(`${shop.url}/api/queue`)).body.dead_letters).toEqual([]));
});

/** Breaks the connection of every call until the breaker is open. */
async function openBreaker(): Promise<void> {
  shop.inventory.become('reset');
  await eventually(async () => {
    await placeOrder(shop.url, ps5);
    expect((await ask(`${shop.url}/metrics`)).text).toMatch(/circuit_breaker_state\{.*\} 1/);
  });
}

it('a request that died is answered with 202 although the inventory service cannot be asked', async () => {
  shop = await startOrderService({
    LEASE_MS: '30000',
    INVENTORY_DEADLINE_MS: '900',
    BREAKER_MIN_CALLS: '3',
    BREAKER_WINDOW_MS: '20000',
    BREAKER_RESET_MS: '60000',
  });
  await openBreaker();
  // Its own breaker stays closed, whatever its worker meets.
  const doomed = await shop.startReplica({
    INVENTORY_DEADLINE_MS: '20000',
    INVENTORY_ATTEMPT_TIMEOUT_MS: '20000',
    BREAKER_MIN_CALLS: '100000',
  });
  const key = randomUUID();
  shop.inventory.become('hang');
  const lost = placeOrder(doomed.url, ps5, key).catch(() => 'connection lost');
  const pending = "SELECT FROM orders WHERE idempotency_key = $1 AND status = 'pending'";
  await eventually(async () => expect(await shop.rows(pending, [key])).toHaveLength(1));
  await doomed.kill('SIGKILL');
  expect(await lost).toBe('connection lost');

  await eventually(async () => expect((await placeOrder(shop.url, ps5, key)).status).toBe(202));
  const [order] = await shop.rows<{ order_id: string }>('SELECT order_id FROM orders WHERE idempotency_key = $1', [
    key,
  ]);
  const asked = shop.inventory.seen.filter(({ order_id, attempt }) => order_id === order?.order_id && attempt > 10);
  expect(asked).toEqual([]);
});

it('I10: an order that the worker confirms for a dead request is answered as it is, with no further attempt planned', async () => {
  shop = await startOrderService({ LEASE_MS: '1000', INVENTORY_DEADLINE_MS: '900' });
  const doomed = await shop.startReplica();
  const key = randomUUID();
  shop.inventory.become('hang');
  const lost = placeOrder(doomed.url, ps5, key).catch(() => 'connection lost');
  await eventually(async () => expect(await openOrders()).toBe(1));
  await doomed.kill('SIGKILL');
  expect(await lost).toBe('connection lost');
  shop.inventory.become('apply');

  await eventually(async () => {
    const { status, body } = await placeOrder(shop.url, ps5, key);
    expect(status).toBe(201);
    expect(body.order).toMatchObject({
      status: 'confirmed',
      next_attempt_at: null,
      dead_lettered_at: null,
    });
  });
});

it('waiting for an open breaker uses up no attempts', async () => {
  shop = await startOrderService({
    MAX_ATTEMPTS: '3',
    BACKOFF_MS: '20',
    BREAKER_MIN_CALLS: '3',
    BREAKER_WINDOW_MS: '20000',
    BREAKER_RESET_MS: '60000',
  });
  await openBreaker();
  const placed = [];
  for (let i = 0; i < 6; i++) placed.push((await placeOrder(shop.url, ps5)).body.order.order_id);
  await sleep(1_000);
  const attempts = await Promise.all(placed.map(async (id) => (await shop.order(id)).attempts));
  expect(Math.max(...attempts)).toBeLessThanOrEqual(3);
  expect((await shop.order(placed.at(-1) as string)).dead_lettered_at).toBeNull();
});

it('tells which attempt took the stock, and why an order was refused, at once or by the worker', async () => {
  shop = await startOrderService();
  const counted = async (series: string) => {
    const { text } = await ask(`${shop.url}/metrics`);
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    );
  };
  await placeOrder(shop.url, ps5);
  shop.inventory.becomeOnce('commit-then-die');
  expect((await placeOrder(shop.url, ps5)).status).toBe(201);
  await queueMany(1);
  await eventually(async () => expect(await openOrders()).toBe(0));
  for (const attempt of ['first', 'retry', 'worker'])
    expect(await counted(`participant_applied_total{service="inventory-service",attempt="${attempt}"}`)).toBe(1);

  shop.inventory.become('refuse');
  expect((await placeOrder(shop.url, ps5)).status).toBe(422);
  await shop.rows('DELETE FROM orders WHERE idempotency_key = $1', ['key-1']);
  await queueMany(1);
  await eventually(async () => expect(await openOrders()).toBe(0));
  expect(await counted('orders_refused_total{reason="OUT_OF_STOCK"}')).toBe(2);
  expect(await counted('orders_refused_total{reason="ITEM_NOT_FOUND"}')).toBe(0);
});

it('an order in a status that only a newer version knows keeps no other order waiting', async () => {
  shop = await startOrderService({ LEASE_MS: '1000' });
  // As the newer version's migration does.
  await shop.rows(`DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT conname FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'c' LOOP
      EXECUTE format('ALTER TABLE orders DROP CONSTRAINT %I', name);
    END LOOP; END $$`);
  await shop.rows(`INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, next_attempt_at, correlation_id, created_at, updated_at)
    VALUES (uuidv7(), 'newer', 'f', 'parked', '[{"item_id":"ps5","quantity":1}]', now() - interval '1 hour', 'test', now(), now())`);
  await queueMany(3);
  await eventually(async () => expect(await openOrders()).toBe(1));
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder } from '../../test/support/http.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

const ps5 = { item_id: 'ps5', quantity: 1 };
/** Few attempts and short waits, so that seconds are as long as hours: at the old rule each order was a dead letter at once. */
const impatient = { MAX_ATTEMPTS: '2', BACKOFF_MS: '10', BACKOFF_CAP_MS: '50', SWEEP_INTERVAL_MS: '50' };
let shop: OrderHarness;
afterEach(() => shop.stop());

async function placeSome(count: number): Promise<string[]> {
  const ids = [];
  for (let n = 0; n < count; n++) ids.push((await placeOrder(shop.url, ps5)).body.order.order_id);
  return ids;
}

const undecided = async () => (await shop.rows(`SELECT 1 FROM orders WHERE status <> 'confirmed'`)).length;
const deadLetters = async () => (await ask(`${shop.url}/api/queue`)).body.queue.dead_lettered;

it('an outage of refused connections makes no dead letter, and ends by itself', async () => {
  shop = await startOrderService(impatient);
  await placeSome(1);
  await shop.inventory.leave();
  const [id] = await placeSome(3);
  await sleep(2_000);
  expect(await deadLetters()).toBe(0);
  expect((await shop.order(id as string)).attempts).toBeLessThanOrEqual(1);

  await shop.inventory.comeBack();
  await eventually(async () => expect(await undecided()).toBe(0));
});

it('a refused connection is no question: the order is queued as not sent', async () => {
  shop = await startOrderService(impatient);
  await shop.inventory.leave();
  const [id] = await placeSome(1);
  const { items } = (await ask(`${shop.url}/api/orders/${id}/events`)).body;
  expect(items[1]).toMatchObject({ type: 'order.queued', data: { kind: 'not-sent', cause: 'connection' } });
  await shop.inventory.comeBack();
});

it.each(['fail', 'reset', 'hang'] as const)(
  'an inventory service that answers nobody (%s) makes no dead letter',
  async (behaviour) => {
    shop = await startOrderService({
      ...impatient,
      INVENTORY_DEADLINE_MS: '100',
      INVENTORY_ATTEMPT_TIMEOUT_MS: '50',
      BREAKER_MIN_CALLS: '100000',
    });
    shop.inventory.become(behaviour);
    await placeSome(3);
    await sleep(2_000);
    expect(await deadLetters()).toBe(0);

    shop.inventory.become('apply');
    await eventually(async () => expect(await undecided()).toBe(0));
  },
);

it('an outage is probed by one order at a time, and what it leaves is settled at full speed', async () => {
  shop = await startOrderService({ SWEEP_INTERVAL_MS: '100', BREAKER_MIN_CALLS: '100000' });
  shop.inventory.become('fail');
  await shop.rows(
    `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, response_status, response_body,
       next_attempt_at, correlation_id, created_at, updated_at)
     SELECT uuidv7(), 'key-' || n, 'f', 'queued', '[{"item_id":"ps5","quantity":1}]', 202, '{}', now(), 'test', now(), now()
     FROM generate_series(1, 2000) AS n`,
  );
  // The first batch finds the outage.
  await eventually(async () => expect(shop.inventory.seen.length).toBeGreaterThan(0));
  await sleep(500);
  const before = shop.inventory.seen.length;
  await sleep(2_000);
  expect(shop.inventory.seen.length - before).toBeLessThanOrEqual(30);

  shop.inventory.become('apply');
  await eventually(async () => expect(await undecided()).toBe(0));
});

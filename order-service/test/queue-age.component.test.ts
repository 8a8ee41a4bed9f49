import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { OrderStatus } from '../src/order.ts';
import { createOrderReadsStore } from '../src/order-reads-store.ts';
import { freshOrderStore } from './fresh-order-store.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;

const { pool, drop, orders } = await freshOrderStore();
const reads = createOrderReadsStore(pool);
beforeEach(() => pool.query('TRUNCATE orders'));
afterAll(drop);

const age = async (): Promise<number> => (await reads.queueState()).oldest_age_seconds;

/** An order placed two days ago. @param since when it began to wait, where it does; seconds ago */
async function oldOrder(status: OrderStatus, { since, dead = false }: { since?: number; dead?: boolean } = {}) {
  const id = randomUUID();
  await pool.query(
    `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, next_attempt_at, dead_lettered_at, waiting_since,
       correlation_id, created_at, updated_at)
     VALUES ($1::uuid, $1::text, '', $2, '[]', CASE WHEN $3 THEN now() END, CASE WHEN $4 THEN now() END, now() - $5 * interval '1 s',
       '', now() - interval '2 days', now())`,
    [id, status, status !== 'confirmed' && !dead, dead, since],
  );
  return id;
}

it('an order waits since it was queued, not since it was placed', async () => {
  const id = await oldOrder('pending');
  const [order] = await orders.claim(1, [id]);
  if (!order) throw new Error('the order was not due');
  await orders.move({ order: { ...order, status: 'queued' }, from: 'pending', answer: null, causationId: '' });
  expect(await age()).toBeLessThan(HOUR);
});

it('an old order that is being cancelled waits since somebody cancelled it', async () => {
  await orders.startCancelling(await oldOrder('confirmed'), '', 'all');
  expect(await age()).toBeLessThan(HOUR);
});

it('a dead letter that is redriven waits anew', async () => {
  const order_ids = [await oldOrder('queued', { since: 2 * DAY, dead: true })];
  expect(await orders.redrive({ order_ids, limit: 1 }, { who: 'operator', principal: 'operator-token' }, '')).toBe(1);
  expect(await age()).toBeLessThan(HOUR);
});

it('an attempt that settles nothing makes no order younger', async () => {
  const orderId = await oldOrder('queued', { since: DAY });
  await orders.postpone([
    {
      orderId,
      from: 'queued',
      attempts: 0,
      delayMs: 0,
      countsAsAttempt: true,
      deadLetter: false,
      causationId: '',
      cause: 'timeout',
    },
  ]);
  expect(await age()).toBeCloseTo(DAY, -2);
});

it('an order that an older version queued is counted, since it was placed', async () => {
  await oldOrder('queued');
  expect(await age()).toBeCloseTo(2 * DAY, -2);
});

it('nothing waits: the age is 0', async () => {
  await oldOrder('confirmed');
  expect(await age()).toBe(0);
});

it('counting stops at the limit, for waiting orders and for dead letters', async () => {
  for (let n = 0; n < 4; n++) {
    await oldOrder('queued', { since: n });
    await oldOrder('queued', { since: n, dead: true });
  }
  await oldOrder('cancelling', { since: DAY });
  expect(await reads.queueState()).toMatchObject({ depth: 5, dead_lettered: 4 });
  const capped = await reads.queueState(3);
  expect(capped).toMatchObject({ depth: 3, dead_lettered: 3 });
  // The oldest is the oldest of all, not of those counted.
  expect(capped.oldest_age_seconds).toBeCloseTo(DAY, -2);
});

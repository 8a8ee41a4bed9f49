import { afterAll, expect, it, vi } from 'vitest';
import type { Order } from '../src/order.ts';
import { freshOrderStore } from './fresh-order-store.ts';
import { newOrder } from './new-order.ts';

const { pool, drop, newStore } = await freshOrderStore({ maxBatch: 256 });
afterAll(drop);

const query = vi.spyOn(pool, 'query');

/** How many statements ended in a deadlock so far. */
async function deadlocks(): Promise<number> {
  const ended = await Promise.allSettled(query.mock.results.map(({ value }) => value));
  return ended.filter((result) => result.status === 'rejected' && result.reason.code === '40P01').length;
}

async function queuedOrders(): Promise<Order[]> {
  const orders = Array.from({ length: 256 }, () =>
    newOrder({ status: 'queued', attempts: 1, next_attempt_at: new Date() }),
  );
  await pool.query(
    `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, attempts, next_attempt_at, correlation_id, created_at, updated_at)
     SELECT id, id::text, '', 'queued', '[]', 1, now(), '', now(), now() FROM unnest($1::uuid[]) AS id`,
    [orders.map((order) => order.order_id)],
  );
  return orders;
}

const replicas = [newStore(), newStore()] as const;

it('two replicas that settle the same orders in opposite orders do not deadlock', async () => {
  for (let round = 0; round < 12; round++) {
    const orders = await queuedOrders();
    const settle = (replica: (typeof replicas)[number], list: Order[]) =>
      list.map((order) =>
        replica.move({ order: { ...order, status: 'confirmed' }, from: 'queued', answer: null, causationId: '' }),
      );
    const won = await Promise.all([...settle(replicas[0], orders), ...settle(replicas[1], orders.toReversed())]);
    expect(won.filter(Boolean).length).toBe(orders.length);
  }
  expect(await deadlocks()).toBe(0);
});

it('two replicas that postpone the same orders in opposite orders do not deadlock', async () => {
  for (let round = 0; round < 12; round++) {
    const late = (await queuedOrders()).map(({ order_id: orderId }) => {
      const about = { from: 'queued' as const, attempts: 1, delayMs: 1, countsAsAttempt: false, deadLetter: false };
      return { orderId, ...about, causationId: '', cause: 'timeout' };
    });
    await Promise.all([replicas[0].postpone(late), replicas[1].postpone(late.toReversed())]);
  }
  expect(await deadlocks()).toBe(0);
});

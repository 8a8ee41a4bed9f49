import { afterAll, expect, it } from 'vitest';
import { answerOf } from '../src/answers.ts';
import type { Order } from '../src/order.ts';
import { freshOrderStore } from './fresh-order-store.ts';
import { newOrder } from './new-order.ts';

// A lease that is over at once, so that a claim can be lost to another worker.
const { pool, drop, orders } = await freshOrderStore({ leaseMs: 0 });
afterAll(drop);

/** An order that waits for the worker. */
async function queuedOrder(): Promise<Order> {
  const order = newOrder();
  await orders.create(order);
  const queued = { ...order, status: 'queued' as const };
  await orders.move({ order: queued, from: 'pending', answer: answerOf(queued), causationId: 'test' });
  return queued;
}

const putAway = (order: Order, attempts: number) =>
  orders.postpone([
    {
      orderId: order.order_id,
      from: 'queued',
      attempts,
      delayMs: 0,
      countsAsAttempt: true,
      deadLetter: true,
      causationId: 'test',
      cause: 'timeout',
    },
  ]);

async function deadLettered(order: Order): Promise<boolean> {
  const { rows } = await pool.query('SELECT dead_lettered_at FROM orders WHERE order_id = $1', [order.order_id]);
  return rows[0].dead_lettered_at !== null;
}

it('I8: a worker whose order was cancelled meanwhile does not put the cancellation away', async () => {
  const order = await queuedOrder();
  const [claimed] = await orders.claim(1, [order.order_id]);
  await orders.startCancelling(order.order_id, 'test', 'all');
  await putAway(order, claimed?.attempts as number);
  expect(await deadLettered(order)).toBe(false);
  await orders.claim(1, [order.order_id]);
  await putAway(order, claimed?.attempts as number);
  expect(await deadLettered(order)).toBe(false);
});

it('a worker that lost its lease does not put away what another one has claimed', async () => {
  const order = await queuedOrder();
  const [slow] = await orders.claim(1, [order.order_id]);
  const [fast] = await orders.claim(1, [order.order_id]);
  await putAway(order, slow?.attempts as number);
  expect(await deadLettered(order)).toBe(false);
  await putAway(order, fast?.attempts as number);
  expect(await deadLettered(order)).toBe(true);
});

it('I10: of two moves of one order in one batch, one wins', async () => {
  const order = await queuedOrder();
  const to = (status: 'confirmed' | 'failed') =>
    orders.move({ order: { ...order, status }, from: 'queued', answer: null, causationId: 'test' });
  // The first one holds the batcher, so that the other two travel together.
  const other = await queuedOrder();
  const [, ...won] = await Promise.all([
    orders.move({ order: { ...other, status: 'confirmed' }, from: 'queued', answer: null, causationId: 'test' }),
    to('confirmed'),
    to('failed'),
  ]);
  expect(won.filter(Boolean)).toHaveLength(1);
});

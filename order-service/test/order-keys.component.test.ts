import { randomUUID } from 'node:crypto';
import { divide, dropPeriod, inTurn, readPeriods } from '@valerix/service-kit/retention/period-store';
import { boundAfter, timeOf } from '@valerix/service-kit/retention/periods';
import { v7 as uuidv7 } from 'uuid';
import { expect, it, onTestFinished } from 'vitest';
import type { Order } from '../src/order.ts';
import { forgetKeys, hasOpenOrders, keepKeys } from '../src/order-keys-store.ts';
import { freshOrderStore } from './fresh-order-store.ts';
import { newOrder } from './new-order.ts';

const TABLES = [
  { name: 'orders', by: 'order_id' },
  { name: 'order_events', by: 'order_id' },
];
const PERIOD_MS = 3_600_000;
const nothing = async () => {};

const orderAt = (ms: number, idempotency_key: string = randomUUID()): Order =>
  newOrder({ order_id: uuidv7({ msecs: ms }), idempotency_key });

/** Orders placed before the tables were divided, and the tables divided at a bound after now. */
async function dividedOrders(before: Order[]) {
  const store = await freshOrderStore({ maxBatch: 100 });
  onTestFinished(store.drop);
  for (const order of before) expect(await store.orders.create(order)).toBe(true);
  const at = boundAfter(Date.now(), PERIOD_MS);
  await inTurn(store.pool, async (client) => {
    await keepKeys(client, new AbortController().signal);
    await divide(client, TABLES, undefined, at);
  });
  const keys = async () => (await store.pool.query('SELECT idempotency_key AS key FROM order_keys')).rows;
  return { ...store, boundMs: timeOf(at), keys };
}

it('a key stands for one order on both sides of a bound, for orders before and after the tables were divided (I3)', async () => {
  const old = orderAt(Date.now());
  const { orders, newStore, boundMs, pool } = await dividedOrders([old]);
  expect(await orders.create(orderAt(boundMs + 1, old.idempotency_key))).toBe(false);
  expect((await orders.findByKey(old.idempotency_key))?.order_id).toBe(old.order_id);
  const key = randomUUID();
  expect(await orders.create(orderAt(boundMs - 1, key))).toBe(true);
  expect(await orders.create(orderAt(boundMs + 1, key))).toBe(false);

  // The same keys at the same moment, by two replicas, in two periods.
  const keys = Array.from({ length: 100 }, () => randomUUID());
  const place = (store: typeof orders, ms: number) => keys.map((same) => store.create(orderAt(ms, same)));
  const created = await Promise.all([...place(orders, boundMs - 1), ...place(newStore(), boundMs + 1)]);
  expect(created.filter(Boolean)).toHaveLength(keys.length);
  const { rows } = await pool.query(
    'SELECT count(*)::int AS orders, count(DISTINCT idempotency_key)::int AS keys FROM orders WHERE idempotency_key = ANY($1)',
    [keys],
  );
  expect(rows).toEqual([{ orders: keys.length, keys: keys.length }]);
});

it('a key is free as soon as its order is gone, and soon forgotten; the others stay', async () => {
  const [old, forgotten] = [orderAt(Date.now()), orderAt(Date.now())];
  const { orders, boundMs, pool, keys } = await dividedOrders([old, forgotten]);
  const young = orderAt(boundMs + 1);
  expect(await orders.create(young)).toBe(true);
  await inTurn(pool, async (client) => {
    const [first] = await readPeriods(client, TABLES);
    await dropPeriod(client, TABLES, first as NonNullable<typeof first>, nothing);
  });
  const again = orderAt(boundMs + 2, old.idempotency_key);
  expect(await orders.create(again)).toBe(true);
  expect((await orders.findByKey(old.idempotency_key))?.order_id).toBe(again.order_id);
  expect(await orders.create(orderAt(boundMs + 2, young.idempotency_key))).toBe(false);

  await inTurn(pool, (client) => forgetKeys(client, young.order_id, new AbortController().signal));
  const kept = [young, again].map(({ idempotency_key: key }) => ({ key }));
  expect(await keys()).toEqual(expect.arrayContaining(kept));
  expect(await keys()).toHaveLength(2);
});

it('an order is open until it is settled, a dead letter too', async () => {
  const order = orderAt(Date.now());
  const { pool } = await dividedOrders([order]);
  const isOpen = () => inTurn(pool, (client) => hasOpenOrders(client, 'orders_before'));
  expect(await isOpen()).toBe(true);
  await pool.query("UPDATE orders SET status = 'queued', next_attempt_at = NULL, dead_lettered_at = now()");
  expect(await isOpen()).toBe(true);
  await pool.query("UPDATE orders SET status = 'failed', dead_lettered_at = NULL");
  expect(await isOpen()).toBe(false);
});

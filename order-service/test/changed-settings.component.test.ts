import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { post } from '../../test/support/http.ts';
import { startPaidOrders } from './order-harness.ts';

let shop: Awaited<ReturnType<typeof startPaidOrders>>;
beforeAll(async () => {
  shop = await startPaidOrders();
});
afterAll(() => shop.stop());

const order = { item_id: 'ps5', quantity: 1 };
const paidOrder = { ...order, payment: { token: 'tok_ok' } };
const place = (url: string, body: object, key: string) => post(`${url}/api/orders`, body, { 'Idempotency-Key': key });

it('I10: a key keeps its answer when payments are turned off, or demanded, after its order', async () => {
  const [paid, onAccount] = [randomUUID(), randomUUID()];
  const first = [await place(shop.url, paidOrder, paid), await place(shop.url, order, onAccount)];
  const off = await shop.startReplica({ PAYMENTS: 'off' });
  const demanded = await shop.startReplica({ PAYMENT_REQUIRED: 'true' });
  await shop.redis.flushdb();
  const again = [await place(off.url, paidOrder, paid), await place(demanded.url, order, onAccount)];
  expect(again.map(({ status, text }) => [status, text])).toEqual(first.map(({ text }) => [201, text]));
  expect((await place(demanded.url, order, paid)).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  expect((await place(off.url, paidOrder, randomUUID())).body.code).toBe('PAYMENTS_NOT_OFFERED');
});

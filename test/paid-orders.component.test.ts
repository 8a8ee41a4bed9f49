import { randomUUID } from 'node:crypto';
import { freshDatabase, freshRedis } from '@valerix/local-stack/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startPaymentService, startProvider } from '../payment-service/test/payment-harness.ts';
import { eventually } from './support/eventually.ts';
import { ask, post } from './support/http.ts';
import { type ServiceProcess, startService } from './support/service-process.ts';

// The four real services that a paid order passes, each over its own database.
let provider: Awaited<ReturnType<typeof startProvider>>;
let payment: Awaited<ReturnType<typeof startPaymentService>>;
let inventory: ServiceProcess;
let order: ServiceProcess;
const drops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  provider = await startProvider();
  payment = await startPaymentService(provider.url);
  const REDIS_URL = await freshRedis(inject('redisUrl'));
  const [orders, stock] = await Promise.all(
    ['order_template', 'inventory_template'].map((name) => freshDatabase(inject('postgresUrl'), name)),
  );
  if (!orders || !stock) return expect.fail();
  drops.push(orders.drop, stock.drop);
  inventory = await startService('inventory-service', { REDIS_URL, DATABASE_URL: stock.url });
  order = await startService('order-service', {
    REDIS_URL,
    DATABASE_URL: orders.url,
    INVENTORY_URL: inventory.url,
    PAYMENT_URL: payment.url,
    SWEEP_INTERVAL_MS: '200',
    BACKOFF_MS: '50',
  });
}, 60_000);
afterAll(async () => {
  for (const process of [order, inventory, payment, provider]) await process?.stop();
  for (const drop of drops) await drop();
});

const pay = (token: string) =>
  post(
    `${order.url}/api/orders`,
    { item_id: 'ps5', quantity: 2, payment: { token } },
    { 'Idempotency-Key': randomUUID() },
  );
const becomes = (id: string, status: string) =>
  eventually(async () => {
    expect((await ask(`${order.url}/api/orders/${id}`)).body.order.status).toBe(status);
  }, 15_000);
const ps5 = async () => (await ask(`${inventory.url}/api/inventory/ps5`)).body.item;
const TOTAL = 2 * 49_999;

it.each(['tok_ok', 'tok_lost_reply'])(
  '%s: the order is confirmed, charged once, and nothing stays reserved',
  async (token) => {
    const { quantity } = await ps5();
    const { body } = await pay(token);
    await becomes(body.order.order_id, 'confirmed');
    expect(await payment.ledger(body.order.order_id)).toEqual([{ transaction_type: 'charge', amount_change: TOTAL }]);
    expect(await ps5()).toMatchObject({ quantity: quantity - 2, reserved_quantity: 0 });
  },
);

it.each([
  ['tok_declined', 'CARD_DECLINED'],
  ['tok_insufficient_funds', 'INSUFFICIENT_FUNDS'],
])('%s: the order is refused with 402, and its stock is given back', async (token, reason) => {
  const { quantity } = await ps5();
  const { status, body } = await pay(token);
  expect([status, body.code, body.reason]).toEqual([402, 'PAYMENT_DECLINED', reason]);
  await becomes(body.order_id, 'failed');
  expect(await payment.ledger(body.order_id)).toEqual([]);
  expect(await ps5()).toMatchObject({ quantity, reserved_quantity: 0 });
});

it('a confirmed order that is cancelled is refunded, and its stock is given back', async () => {
  const { quantity } = await ps5();
  const { body } = await pay('tok_ok');
  const id = body.order.order_id;
  expect((await post(`${order.url}/api/orders/${id}/cancel`, {})).status).toBeLessThan(300);
  await becomes(id, 'cancelled');
  const ledger = await payment.ledger(id);
  expect(ledger.map(({ amount_change }) => amount_change)).toEqual([TOTAL, -TOTAL]);
  expect(await ps5()).toMatchObject({ quantity, reserved_quantity: 0 });
});

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { post } from '../../test/support/http.ts';
import { startOrderService, startPaidOrders } from './order-harness.ts';

const payment = { token: 'tok_ok' };
const place = ({ url }: { url: string }, body: object) =>
  post(`${url}/api/orders`, { item_id: 'ps5', quantity: 1, ...body }, { 'Idempotency-Key': randomUUID() });

it.each([
  ['without a payment service', {}],
  ['with payments turned off', { PAYMENT_URL: 'http://127.0.0.1:9', PAYMENTS: 'off' }],
])('%s a paid order is refused, and the others go on', async (_, env: Record<string, string>) => {
  const shop = await startOrderService(env);
  try {
    const { status, body } = await place(shop, { payment });
    expect([status, body.code]).toEqual([422, 'PAYMENTS_NOT_OFFERED']);
    expect((await place(shop, {})).status).toBe(201);
    expect(await shop.rows('SELECT FROM orders')).toHaveLength(1);
  } finally {
    await shop.stop();
  }
});

it('with PAYMENT_REQUIRED an order must be paid', async () => {
  const shop = await startPaidOrders({ PAYMENT_REQUIRED: 'true' });
  try {
    const { status, body } = await place(shop, {});
    expect([status, body.code]).toEqual([422, 'PAYMENT_REQUIRED']);
    expect((await place(shop, { payment })).status).toBe(201);
  } finally {
    await shop.stop();
  }
});

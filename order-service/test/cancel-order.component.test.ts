import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { placeOrder, post } from '../../test/support/http.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

const ps5 = { item_id: 'ps5', quantity: 2 };
let shop: OrderHarness;

beforeAll(async () => {
  shop = await startOrderService({ BREAKER_MIN_CALLS: '100000' });
});
afterAll(() => shop.stop());
beforeEach(() => shop.inventory.become('apply'));

const cancel = (id: string) => post(`${shop.url}/api/orders/${id}/cancel`, {});

it('a confirmed order is cancelled and its stock given back', async () => {
  const { order_id: id } = (await placeOrder(shop.url, ps5)).body.order;
  const answer = await cancel(id);
  expect([answer.status, answer.body.order.status]).toEqual([200, 'cancelled']);
  expect(shop.inventory.decisions.get(id)?.released_at).not.toBeNull();
  expect(await shop.eventTypes(id)).toEqual([
    'order.created',
    'order.confirmed',
    'order.cancelling',
    'order.cancelled',
  ]);
});

it('an order id in capitals is the same order', async () => {
  const { order_id: id } = (await placeOrder(shop.url, ps5)).body.order;
  const answer = await cancel(id.toUpperCase());
  expect([answer.status, answer.body.order]).toMatchObject([200, { order_id: id, status: 'cancelled' }]);
  expect(shop.inventory.decisions.get(id)?.released_at).not.toBeNull();
});

it('cancelling again changes nothing and says the same', async () => {
  const { order_id: id } = (await placeOrder(shop.url, ps5)).body.order;
  await cancel(id);
  const releases = () =>
    shop.inventory.seen.filter((command) => command.op === 'release' && command.order_id === id).length;
  const before = releases();
  const again = await cancel(id);
  expect([again.status, again.body.order.status]).toEqual([200, 'cancelled']);
  expect(releases()).toBe(before);
});

it('while the inventory service is silent the cancellation is accepted with 202, and completed later', async () => {
  const { order_id: id } = (await placeOrder(shop.url, ps5)).body.order;
  shop.inventory.become('reset');
  const answer = await cancel(id);
  expect([answer.status, answer.body.order.status]).toEqual([202, 'cancelling']);
  shop.inventory.become('apply');
  await eventually(async () => expect((await shop.order(id)).status).toBe('cancelled'));
  expect(shop.inventory.decisions.get(id)?.released_at).not.toBeNull();
});

it('I6: a queued order that is cancelled can no longer be deducted', async () => {
  shop.inventory.become('hang');
  const { order_id: id } = (await placeOrder(shop.url, ps5)).body.order;
  shop.inventory.become('reset');
  expect((await cancel(id)).status).toBe(202);
  shop.inventory.become('apply');
  await eventually(async () => expect((await shop.order(id)).status).toBe('cancelled'));
  // A worker may have asked for the stock just before; then it is given back.
  const { outcome, released_at } = shop.inventory.decisions.get(id) ?? {};
  expect(outcome === 'voided' || released_at).toBeTruthy();
});

it('an order that failed has nothing to cancel: 409', async () => {
  shop.inventory.become('refuse');
  const { order_id } = (await placeOrder(shop.url, ps5)).body;
  const answer = await cancel(order_id);
  expect([answer.status, answer.body.code]).toEqual([409, 'ORDER_NOT_CANCELLABLE']);
});

it('an order that is being placed cannot be cancelled yet: 409 with Retry-After', async () => {
  const key = randomUUID();
  shop.inventory.become('hang');
  const placing = placeOrder(shop.url, ps5, key);
  const [row] = await eventually(async () => {
    const rows = await shop.rows<{ order_id: string }>('SELECT order_id FROM orders WHERE idempotency_key = $1', [key]);
    expect(rows).toHaveLength(1);
    return rows;
  });
  const answer = await cancel(row?.order_id as string);
  expect([answer.status, answer.body.code]).toEqual([409, 'ORDER_IN_FLIGHT']);
  expect(answer.headers.get('retry-after')).toBe('1');
  await placing;
});

it('an unknown order is not found, and a malformed id names the field', async () => {
  expect((await cancel(randomUUID())).body.code).toBe('NOT_FOUND');
  expect((await cancel('42')).body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field: 'id' }] });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder } from '../../test/support/http.ts';
import { startPaidOrders } from './order-harness.ts';

let shop: Awaited<ReturnType<typeof startPaidOrders>>;
beforeAll(async () => {
  // Once it is open, the breaker stays so.
  shop = await startPaidOrders({ BREAKER_MIN_CALLS: '5', BREAKER_RESET_MS: '600000' });
});
afterAll(() => shop.stop());

/** Orders that are queued and due, these before all others. */
const queueMany = (count: number, token: string | null) =>
  shop.rows(
    `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, response_status, response_body, next_attempt_at,
       correlation_id, created_at, updated_at, payment_token, payment_deadline)
     SELECT uuidv7(), gen_random_uuid(), 'f', 'queued', '[{"item_id":"ps5","quantity":1}]', 202, '{}', now(), 'test', now(), now(),
       $2::text, CASE WHEN $2::text IS NOT NULL THEN now() + interval '1 hour' END
     FROM generate_series(1, $1)`,
    [count, token],
  );
const confirmed = async () =>
  (await shop.rows<{ n: number }>("SELECT count(*)::int AS n FROM orders WHERE status = 'confirmed'"))[0]?.n;

it('while payments are away, a queue of paid orders keeps no order on account waiting', async () => {
  await shop.payment.leave();
  for (let n = 0; n < 10; n++) {
    const paid = { item_id: 'ps5', quantity: 1, payment: { token: 'tok_ok' } };
    expect((await placeOrder(shop.url, paid)).status).toBe(202);
  }
  const { text } = await ask(`${shop.url}/metrics`);
  expect(text).toContain('circuit_breaker_state{service="payment-service"} 1');
  await queueMany(2_000, 'tok_ok');
  await queueMany(1, null);
  await eventually(async () => expect(await confirmed()).toBe(1), 20_000);
  await shop.payment.comeBack();
});

import { randomUUID } from 'node:crypto';
import { releasePorts, reservePorts } from '@valerix/local-stack/machine/free-ports';
import { signWebhook } from '@valerix/service-kit/webhooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, post } from '../../test/support/http.ts';
import { SECRETS } from '../../test/support/service-process.ts';
import {
  AMOUNT,
  charge,
  decisionOf,
  errorOf,
  type PaymentHarness,
  type ProviderHarness,
  refund,
  startPaymentService,
  startProvider,
} from './payment-harness.ts';

let ports: number[];
let provider: ProviderHarness;
let house: PaymentHarness;
beforeAll(async () => {
  ports = await reservePorts(1);
  // Every outcome is told by webhook too, twice, and in any order.
  provider = await startProvider({
    PAYMENT_URL: `http://127.0.0.1:${ports[0]}`,
    WEBHOOK_PERCENTAGE: '100',
    WEBHOOK_TWICE_PERCENTAGE: '100',
    WEBHOOK_DELAY_MS: '300',
  });
  // The worker does not ask: what is learned is learned by webhook.
  house = await startPaymentService(provider.url, { PORT: String(ports[0]), SWEEP_INTERVAL_MS: '600000' });
});
afterAll(async () => {
  await house.stop();
  await provider.stop();
  releasePorts(ports);
});

const CHARGED = { transaction_type: 'charge', amount_change: AMOUNT.amount_cents };
const REFUNDED = { transaction_type: 'refund', amount_change: -AMOUNT.amount_cents };
const left = async () => (await provider.rows<{ n: number }>('SELECT count(*)::int AS n FROM webhooks'))[0]?.n;
const taken = async () => {
  const { text } = await ask(`${house.url}/metrics`);
  return Number(/^payment_webhooks_total\{result="taken"\} (\d+)/m.exec(text)?.[1]);
};
/** Sends a webhook as the provider would, and what a test changes. */
function send(type: string, data: object, headers: Record<string, string> = {}, at = new Date()) {
  const body = JSON.stringify({ type, timestamp: at.toISOString(), data });
  return post(`${house.url}/api/payments/webhooks`, body, {
    ...signWebhook(SECRETS.WEBHOOK_SECRET, `msg_${randomUUID()}`, body, at),
    ...headers,
  });
}
const succeeded = (reference: string) => ({
  reference,
  amount: AMOUNT.amount_cents,
  currency: AMOUNT.currency,
  status: 'succeeded',
  failure_code: null,
});

it('a charge that is told by webhook alone is booked when its webhook comes', async () => {
  const order = charge(randomUUID(), 'tok_webhook_only');
  expect(errorOf(await house.commands([order]))).toMatchObject({ code: 'PAYMENT_PENDING' });
  await eventually(async () => expect(await house.ledger(order.order_id)).toEqual([CHARGED]));
  expect(decisionOf(await house.commands([order]))).toMatchObject({ outcome: 'applied' });
});

it('webhooks that come late, twice and out of order change nothing that is booked', async () => {
  const orders = Array.from({ length: 20 }, () => charge());
  await house.commands(orders);
  await house.commands(orders.map(({ order_id }) => refund(order_id)));
  const before = await taken();
  await eventually(async () => expect(await left()).toBe(0), 20_000);
  expect(await taken()).toBeGreaterThan(before);
  // On a busy machine the worker refunds what the command did not.
  for (const { order_id } of orders) {
    await eventually(async () => expect(await house.ledger(order_id)).toEqual([CHARGED, REFUNDED]));
  }
});

it('a webhook that reports what this process has booked is answered from memory', async () => {
  const order = charge();
  expect(decisionOf(await house.commands([order]))).toMatchObject({ outcome: 'applied' });
  await eventually(async () => expect(await left()).toBe(0), 20_000);
  // A statement would not find the payment.
  await house.rows('DELETE FROM payments WHERE order_id = $1', [order.order_id]);
  const before = await taken();
  expect((await send('charge.succeeded', succeeded(order.order_id))).status).toBe(200);
  expect(await taken()).toBe(before + 1);
});

it('money that a webhook tells of after the tombstone goes back', async () => {
  const order = charge(randomUUID(), 'tok_never');
  await house.commands([refund(order.order_id)]);
  // A provider that charged all the same.
  expect((await send('charge.succeeded', succeeded(order.order_id))).status).toBe(200);
  expect(await house.payment(order.order_id)).toMatchObject({ outcome: 'voided', waits_for: 'refund' });
});

it('a webhook with a wrong signature, of another time, or with another body is refused, and changes nothing', async () => {
  const order = charge(randomUUID(), 'tok_never');
  await house.commands([order]);
  const about = succeeded(order.order_id);
  const hourAgo = new Date(Date.now() - 3_600_000);
  const refused = [
    await send('charge.succeeded', about, { 'webhook-signature': 'v1,AAAA' }),
    await send('charge.succeeded', about, { 'webhook-id': 'msg_another' }),
    await send('charge.succeeded', about, {}, hourAgo),
    await post(`${house.url}/api/payments/webhooks`, { type: 'charge.succeeded', data: about }),
  ];
  expect(refused.map(({ status, body }) => [status, body.code])).toEqual(refused.map(() => [401, 'WEBHOOK_REFUSED']));
  expect(await house.payment(order.order_id)).toMatchObject({ outcome: null, waits_for: 'charge' });
});

it('a signed webhook about something else, or about no order of ours, is taken and changes nothing', async () => {
  for (const [type, reference] of [
    ['payout.paid', randomUUID()],
    ['charge.succeeded', randomUUID()],
    ['charge.succeeded', 'of-another-shop'],
  ] as const) {
    expect((await send(type, succeeded(reference))).status).toBe(200);
    expect(await house.ledger(randomUUID())).toEqual([]);
  }
});

it('a signed body that cannot be read is refused as not valid', async () => {
  const body = 'not JSON';
  const headers = signWebhook(SECRETS.WEBHOOK_SECRET, 'msg_1', body);
  const answer = await post(`${house.url}/api/payments/webhooks`, body, { ...headers });
  expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
});

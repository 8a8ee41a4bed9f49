import { randomUUID } from 'node:crypto';
import type { PaymentReply } from '@valerix/contracts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { chaosClient } from '../../test/support/chaos-client.ts';
import { eventually } from '../../test/support/eventually.ts';
import { type ServiceProcess, TOKEN } from '../../test/support/service-process.ts';
import {
  AMOUNT,
  charge,
  decisionOf,
  type PaymentHarness,
  type ProviderHarness,
  refund,
  startPaymentService,
  startProvider,
} from './payment-harness.ts';

let provider: ProviderHarness;
let house: PaymentHarness;
/** The replica that dies. */
let doomed: ServiceProcess;
beforeAll(async () => {
  provider = await startProvider();
  house = await startPaymentService(provider.url, { PROVIDER_TIMEOUT_MS: '1500' });
  doomed = await house.startReplica();
});
beforeEach(async () => {
  if (!doomed.running()) doomed = await house.startReplica();
});
afterAll(async () => {
  await house.stop();
  await provider.stop();
});

const CHARGED = { transaction_type: 'charge', amount_change: AMOUNT.amount_cents };
const REFUNDED = { transaction_type: 'refund', amount_change: -AMOUNT.amount_cents };
const booksOf = async (reference: string) => {
  const rows = await provider.rows<{ type: string }>('SELECT type FROM books WHERE reference = $1 ORDER BY seq', [
    reference,
  ]);
  return rows.map(({ type }) => type);
};

/** The process dies when this order passes a point; only the replica that is asked first does. */
async function dies(point: string, orderId: string) {
  const chaos = chaosClient({ operatorToken: TOKEN }, doomed.url);
  const fault = {
    service: 'payment-service',
    point,
    type: 'crash',
    match: { order_id: orderId },
    max_hits: 1,
    params: { min_interval_ms: 0 },
  } as const;
  // On a busy machine the audit of it may take too long.
  await eventually(() => chaos.arm(fault));
}

/** Asks until every command is decided, as order-service does. */
async function decisionsOf(commands: object[], url: string) {
  let replies: PaymentReply[] = [];
  await eventually(async () => {
    replies = await house.commands(commands, url);
    for (const reply of replies) decisionOf([reply]);
  });
  return replies.map((reply) => decisionOf([reply]));
}

/** Asks the doomed replica until it dies. It does not pass the later points while the provider has not answered. */
const askUntilItDies = (command: object) =>
  eventually(async () => {
    if (doomed.running()) await house.commands([command], doomed.url).catch(() => []);
    expect(doomed.running()).toBe(false);
  });

const POINTS = [
  'payment.before-intent',
  'payment.after-intent',
  'outbound',
  'payment.before-book',
  'ledger.before-commit',
  'after-commit',
];

it.each(POINTS)('a charge whose process dies at %s is taken once', async (point) => {
  const order = charge();
  await dies(point, order.order_id);
  await askUntilItDies(order);
  await eventually(async () => {
    expect(decisionOf(await house.commands([{ ...order, attempt: 2 }]))).toMatchObject({ outcome: 'applied' });
  });
  expect(await house.ledger(order.order_id)).toEqual([CHARGED]);
  expect(await booksOf(order.order_id)).toEqual(['charge']);
});

it.each(POINTS)(
  'a refund whose process dies at %s gives the money back once, without being asked again',
  async (point) => {
    const order = charge();
    await house.commands([order]);
    await dies(point, order.order_id);
    await askUntilItDies(refund(order.order_id));
    // Nothing is written down before the intent's commit: the caller asks again.
    if (/before-(intent|commit)/.test(point)) await house.commands([refund(order.order_id)]);
    await eventually(async () => expect(await house.ledger(order.order_id)).toEqual([CHARGED, REFUNDED]));
    expect(await booksOf(order.order_id)).toEqual(['charge', 'refund']);
  },
);

it('a charge is undone while its process lies dead between intent and provider', async () => {
  const order = charge();
  await dies('payment.after-intent', order.order_id);
  await askUntilItDies(order);
  expect(decisionOf(await house.commands([refund(order.order_id)]))).toMatchObject({ outcome: 'voided' });
  expect(decisionOf(await house.commands([order]))).toMatchObject({ outcome: 'voided' });
  expect(await booksOf(order.order_id)).toEqual([]);
});

it('two replicas that get the same commands at once charge each order once', async () => {
  const orders = Array.from({ length: 40 }, (_, n) => charge(randomUUID(), n % 4 ? 'tok_ok' : 'tok_declined'));
  const [here, there] = await Promise.all([decisionsOf(orders, house.url), decisionsOf(orders, doomed.url)]);
  const undone = orders.slice(0, 20).map(({ order_id }) => refund(order_id));
  await Promise.all([decisionsOf(undone, house.url), decisionsOf(undone, doomed.url)]);
  for (const [index, { order_id, token }] of orders.entries()) {
    const decisions = [here[index]?.outcome, there[index]?.outcome];
    expect(decisions).toEqual(token === 'tok_ok' ? ['applied', 'applied'] : ['refused', 'refused']);
    const expected = token !== 'tok_ok' ? [] : index < 20 ? ['charge', 'refund'] : ['charge'];
    expect(await booksOf(order_id)).toEqual(expected);
    expect((await house.ledger(order_id)).map((entry) => entry.transaction_type)).toEqual(expected);
  }
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask } from '../../test/support/http.ts';
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

let provider: ProviderHarness;
let house: PaymentHarness;
beforeAll(async () => {
  provider = await startProvider({ SLOW_MS: '600' });
  house = await startPaymentService(provider.url);
});
afterAll(async () => {
  await house.stop();
  await provider.stop();
});

const CHARGED = { transaction_type: 'charge', amount_change: AMOUNT.amount_cents };
const REFUNDED = { transaction_type: 'refund', amount_change: -AMOUNT.amount_cents };
const booksOf = (reference: string) =>
  provider.rows<{ type: string; amount: string }>('SELECT type, amount FROM books WHERE reference = $1 ORDER BY seq', [
    reference,
  ]);

describe('a charge', () => {
  it('takes the money once, however often it is asked for', async () => {
    const order = charge();
    const first = decisionOf(await house.commands([order]));
    expect(first).toMatchObject({ outcome: 'applied', reason: null, ...AMOUNT, refunded_at: null });
    expect(decisionOf(await house.commands([{ ...order, attempt: 2 }]))).toEqual(first);
    const replies = await house.commands([order, order, order]);
    expect(replies.map((reply) => decisionOf([reply]))).toEqual([first, first, first]);
    expect(await house.ledger(order.order_id)).toEqual([CHARGED]);
    expect(await booksOf(order.order_id)).toEqual([{ type: 'charge', amount: '49999' }]);
  });

  it('keeps the first amount, whatever a later command says', async () => {
    const order = charge();
    await house.commands([order]);
    expect(decisionOf(await house.commands([{ ...order, amount_cents: 1 }]))).toMatchObject(AMOUNT);
  });

  it.each([
    ['tok_declined', 'CARD_DECLINED'],
    ['tok_insufficient_funds', 'INSUFFICIENT_FUNDS'],
    ['tok_of_a_stranger', 'PAYMENT_DECLINED'],
    ['constructor', 'PAYMENT_DECLINED'],
    ['__proto__', 'PAYMENT_DECLINED'],
  ])('%s is refused in our words: %s', async (token, reason) => {
    const order = charge(randomUUID(), token);
    expect(decisionOf(await house.commands([order]))).toMatchObject({ outcome: 'refused', reason, charged_at: null });
    expect(await house.ledger(order.order_id)).toEqual([]);
  });

  it('is found by its reference when the reply was lost', async () => {
    const order = charge(randomUUID(), 'tok_lost_reply');
    expect(errorOf(await house.commands([order]))).toMatchObject({ status: 503, code: 'PAYMENT_PENDING' });
    expect(decisionOf(await house.commands([{ ...order, attempt: 2 }]))).toMatchObject({ outcome: 'applied' });
    expect(await booksOf(order.order_id)).toHaveLength(1);
  });

  it('is booked by the worker when its caller left before the provider answered', async () => {
    const order = charge(randomUUID(), 'tok_slow', { deadline_ms: 100 });
    expect(errorOf(await house.commands([order]))).toMatchObject({ code: 'PAYMENT_PENDING' });
    await eventually(async () => expect(await house.ledger(order.order_id)).toEqual([CHARGED]));
    expect(await booksOf(order.order_id)).toHaveLength(1);
  });

  it('is refused before anything is written when its deadline has passed', async () => {
    const order = charge(randomUUID(), 'tok_ok', { deadline_ms: 0 });
    expect(errorOf(await house.commands([order]))).toMatchObject({ status: 504, code: 'DEADLINE_EXCEEDED' });
    expect(await house.payment(order.order_id)).toBeUndefined();
  });

  it('keeps its token only while it is open', async () => {
    const [open, done] = [charge(randomUUID(), 'tok_never'), charge()];
    await house.commands([open, done]);
    const tokenOf = async (id: string) => {
      const [row] = await house.rows<{ token: string | null }>('SELECT token FROM payments WHERE order_id = $1', [id]);
      return row?.token;
    };
    expect([await tokenOf(open.order_id), await tokenOf(done.order_id)]).toEqual(['tok_never', null]);
    await house.commands([refund(open.order_id)]);
    expect(await tokenOf(open.order_id)).toBeNull();
    expect(house.service.lines.filter((line) => line.includes('tok_'))).toEqual([]);
  });
});

describe('a refund', () => {
  it('gives the money back once', async () => {
    const order = charge();
    await house.commands([order]);
    const first = decisionOf(await house.commands([refund(order.order_id)]));
    expect(first).toMatchObject({ outcome: 'applied', refunded_at: expect.any(String) });
    expect(decisionOf(await house.commands([refund(order.order_id)]))).toEqual(first);
    expect(await house.ledger(order.order_id)).toEqual([CHARGED, REFUNDED]);
    expect((await booksOf(order.order_id)).map(({ type }) => type)).toEqual(['charge', 'refund']);
  });

  it('leaves a tombstone that refuses a late charge', async () => {
    const order = charge();
    expect(decisionOf(await house.commands([refund(order.order_id)]))).toMatchObject({ outcome: 'voided' });
    expect(decisionOf(await house.commands([order]))).toMatchObject({ outcome: 'voided', reason: 'ORDER_VOIDED' });
    expect(await booksOf(order.order_id)).toEqual([]);
  });

  it('ends a charge that the provider never decides, so that none can come later', async () => {
    const order = charge(randomUUID(), 'tok_never');
    expect(errorOf(await house.commands([order]))).toMatchObject({ code: 'PAYMENT_PENDING' });
    expect(decisionOf(await house.commands([refund(order.order_id)]))).toMatchObject({ outcome: 'voided' });
    const [row] = await provider.rows<{ status: string }>('SELECT status FROM charges WHERE reference = $1', [
      order.order_id,
    ]);
    expect(row?.status).toBe('canceled');
  });

  it('gives back what was taken by a charge whose reply is still on its way', async () => {
    const order = charge(randomUUID(), 'tok_slow', { deadline_ms: 100 });
    await house.commands([order]);
    expect(decisionOf(await house.commands([refund(order.order_id)]))).toMatchObject({
      outcome: 'voided',
      charged_at: expect.any(String),
      refunded_at: expect.any(String),
    });
    expect(await house.ledger(order.order_id)).toEqual([CHARGED, REFUNDED]);
    expect((await booksOf(order.order_id)).map(({ type }) => type)).toEqual(['charge', 'refund']);
  });

  it('of an order that was declined finds nothing to give back', async () => {
    const order = charge(randomUUID(), 'tok_declined');
    await house.commands([order]);
    expect(decisionOf(await house.commands([refund(order.order_id)]))).toMatchObject({ outcome: 'refused' });
  });
});

it('answers each line of a request by itself', async () => {
  const orders = [charge(), charge(randomUUID(), 'tok_declined'), charge(randomUUID(), 'tok_never'), { op: 'nothing' }];
  const replies = await house.commands(orders);
  expect(replies.map((reply) => ('decision' in reply ? reply.decision.outcome : reply.error.code))).toEqual([
    'applied',
    'refused',
    'PAYMENT_PENDING',
    'VALIDATION_FAILED',
  ]);
});

it('sheds readers beyond those that have connections', async () => {
  const holding = house.rows('BEGIN; LOCK TABLE payments; SELECT pg_sleep(2); COMMIT');
  const read = async () => (await ask(`${house.url}/api/payments/${randomUUID()}`)).status;
  await eventually(async () => expect(await Promise.all(Array.from({ length: 8 }, read))).toContain(429));
  await holding;
});

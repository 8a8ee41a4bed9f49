import { describe, expect, it } from 'vitest';
import {
  answerTo,
  decidePayment,
  type Payment,
  type PaymentOrder,
  type ProviderState,
  settlePayment,
  stepOf,
} from '../src/decide-payment.ts';

// Beside the property of decide-payment.unit.test.ts: what is written for each command and each word of the provider.

const BEFORE = '2026-01-01T00:00:00.000Z';
const NOW = '2026-01-02T00:00:00.000Z';
const ID = 'order-1';
const MONEY = { amount_cents: 1_000, currency: 'EUR' };
const charge: PaymentOrder = { op: 'charge', order_id: ID, token: 'tok', ...MONEY };
const refund: PaymentOrder = { op: 'refund', order_id: ID };

const OPEN: Payment = {
  ...{ order_id: ID, outcome: null, reason: null, ...MONEY, token: 'tok', waits_for: 'charge' },
  ...{ created_at: BEFORE, decided_at: null, charged_at: null, refunded_at: null },
};
const CLOSED = { ...OPEN, token: null, waits_for: null, decided_at: BEFORE };
const APPLIED: Payment = { ...CLOSED, outcome: 'applied', charged_at: BEFORE };
const REFUSED: Payment = { ...CLOSED, outcome: 'refused', reason: 'CARD_DECLINED' };
const TOMBSTONE: Payment = { ...CLOSED, outcome: 'voided', reason: 'ORDER_VOIDED', amount_cents: null, currency: null };
/** Undone while its charge was on its way. */
const UNDONE: Payment = { ...CLOSED, outcome: 'voided', reason: 'ORDER_VOIDED', waits_for: 'refund' };
const REFUNDED: Payment = { ...APPLIED, refunded_at: BEFORE };

const CHARGED: ProviderState = { status: 'charged', ...MONEY };
const GIVEN_BACK: ProviderState = { status: 'refunded', ...MONEY };
const DECLINED: ProviderState = { status: 'declined', reason: 'INSUFFICIENT_FUNDS' };
const took = { transaction_type: 'charge', order_id: ID, amount_change: 1_000, currency: 'EUR' };
const gave = { transaction_type: 'refund', order_id: ID, amount_change: -1_000, currency: 'EUR' };

describe('a command', () => {
  it('to charge opens a payment, and is written down before the provider is asked', () => {
    expect(decidePayment(charge, undefined, BEFORE)).toEqual(OPEN);
  });

  it('to refund what was never charged leaves a tombstone without an amount (I16), and waits for the provider', () => {
    expect(decidePayment(refund, undefined, BEFORE)).toEqual({ ...TOMBSTONE, waits_for: 'refund' });
  });

  it('to refund an open charge voids it at once, forgets its token, and waits for the provider', () => {
    expect(decidePayment(refund, OPEN, NOW)).toEqual({ ...UNDONE, decided_at: NOW });
  });

  it('to refund a charge keeps its decision and waits for the refund', () => {
    expect(decidePayment(refund, APPLIED, NOW)).toEqual({ ...APPLIED, waits_for: 'refund' });
  });

  it.each([
    ['refused', REFUSED],
    ['refunded', REFUNDED],
    ['voided', TOMBSTONE],
  ])('to refund what is %s changes nothing', (_, prior) => {
    expect(decidePayment(refund, prior, NOW)).toBe(prior);
    expect(decidePayment(charge, prior, NOW)).toBe(prior);
  });

  it('asks the provider for the refund that is open, and for nothing when nothing is', () => {
    for (const sent of [true, false]) {
      expect([stepOf(UNDONE, sent), stepOf(APPLIED, sent)]).toEqual(['refund', null]);
    }
  });
});

describe('the word of the provider', () => {
  it.each<[string, Payment, ProviderState, Partial<Payment>, object[]]>([
    ['charged: an open payment is applied', OPEN, CHARGED, { ...APPLIED, charged_at: NOW, decided_at: NOW }, [took]],
    ['charged: an undone payment is booked, and goes back', UNDONE, CHARGED, { charged_at: NOW }, [took]],
    ['charged: so is one that was refused', REFUSED, CHARGED, { charged_at: NOW, waits_for: 'refund' }, [took]],
    [
      'charged: a tombstone learns the amount, and gives it back',
      TOMBSTONE,
      CHARGED,
      { ...MONEY, charged_at: NOW, waits_for: 'refund' },
      [took],
    ],
    ['charged, again: nothing is booked twice (I14)', APPLIED, CHARGED, {}, []],
    ['charged, old: what was refunded stays so', REFUNDED, CHARGED, {}, []],
    [
      'charged, old: a tombstone that was refunded stays so',
      { ...UNDONE, ...REFUNDED, outcome: 'voided' },
      CHARGED,
      {},
      [],
    ],
    [
      'declined: an open payment is refused for its reason',
      OPEN,
      DECLINED,
      { ...REFUSED, reason: 'INSUFFICIENT_FUNDS', decided_at: NOW },
      [],
    ],
    ['declined: an undone payment has nothing to give back', UNDONE, DECLINED, { waits_for: null }, []],
    ['declined, late: what was charged stays so', APPLIED, DECLINED, {}, []],
    ['declined, late: a refund of what was charged stays open', { ...APPLIED, waits_for: 'refund' }, DECLINED, {}, []],
    ['declined, again: the first reason stands', REFUSED, DECLINED, {}, []],
    [
      'voided: an open payment is voided',
      OPEN,
      { status: 'voided' },
      { ...CLOSED, outcome: 'voided', reason: 'ORDER_VOIDED', decided_at: NOW },
      [],
    ],
    ['voided: an undone payment is closed', UNDONE, { status: 'voided' }, { waits_for: null }, []],
    [
      'refunded: both entries of an undone payment are booked',
      UNDONE,
      GIVEN_BACK,
      { waits_for: null, charged_at: NOW, refunded_at: NOW },
      [took, gave],
    ],
    [
      'refunded: an open payment is voided, with both entries',
      OPEN,
      GIVEN_BACK,
      { ...UNDONE, decided_at: NOW, waits_for: null, charged_at: NOW, refunded_at: NOW },
      [took, gave],
    ],
    [
      'refunded: the decision of a refunded charge stands',
      { ...APPLIED, waits_for: 'refund' },
      GIVEN_BACK,
      { waits_for: null, refunded_at: NOW },
      [gave],
    ],
    ['refunded, again: nothing is booked twice (I14)', REFUNDED, GIVEN_BACK, {}, []],
    ['pending: nothing changes', OPEN, { status: 'pending' }, {}, []],
    ['unknown: nothing changes', UNDONE, { status: 'unknown' }, {}, []],
  ])('%s', (_, payment, told, change, movements) => {
    const settled = settlePayment(payment, told, NOW);
    expect(settled).toEqual({ payment: { ...payment, ...change }, movements });
    // What did not change is the same object: the store does not write it again.
    if (Object.keys(change).length === 0) expect(settled.payment).toBe(payment);
  });
});

describe('the answer', () => {
  const { token: _token, waits_for: _waitsFor, created_at: _createdAt, ...decision } = APPLIED;

  it('tells the decision and its times, and neither the token nor what is open', () => {
    expect(answerTo('charge', APPLIED)).toEqual(decision);
  });

  it('to a charge is given while its refund is open; the refund has none yet', () => {
    const refunding: Payment = { ...APPLIED, waits_for: 'refund' };
    expect(answerTo('charge', refunding)).toEqual(decision);
    expect(answerTo('refund', refunding)).toBeUndefined();
    expect(answerTo('refund', REFUNDED)).toEqual({ ...decision, refunded_at: BEFORE });
  });

  it('to anything waits for a decision', () => {
    expect([answerTo('charge', OPEN), answerTo('refund', OPEN)]).toEqual([undefined, undefined]);
  });
});

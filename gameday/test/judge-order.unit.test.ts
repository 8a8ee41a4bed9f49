import { describe, expect, it } from 'vitest';
import {
  judgeLedger,
  judgeOrder,
  mayHaveBecome,
  type OrderRecord,
  type StockRecord,
} from '../src/checker/judge-order.ts';

const order = (changes: Partial<OrderRecord> = {}): OrderRecord => ({
  ...{ id: 'o1', key: 'k1', status: 'confirmed', reason: null, lines: 'ps5:1,xbox:2', responseStatus: 201 },
  ...{ deadLettered: false, events: ['order.created', 'order.confirmed'], paid: false, total: null },
  ...changes,
});
const decided = (changes: Partial<NonNullable<StockRecord['decision']>> = {}) => ({
  ...{ outcome: 'applied', reason: null, lines: 'ps5:1,xbox:2', released: false, held: false, total: null },
  ...changes,
});
const stock = (changes: Partial<StockRecord> = {}): StockRecord => ({
  ...{ orderId: 'o1', decision: decided(), deducted: 'ps5:1,xbox:2', released: '' },
  ...changes,
});
const GIVEN_BACK = stock({ decision: decided({ released: true }), released: 'ps5:1,xbox:2' });
const REFUSED = stock({ decision: decided({ outcome: 'refused', reason: 'OUT_OF_STOCK' }), deducted: '' });
const VOIDED = stock({ decision: decided({ outcome: 'voided', reason: 'ORDER_VOIDED', lines: '' }), deducted: '' });
const HELD = stock({ decision: decided({ held: true }) });
const NOTHING = undefined;

const timeline = (...names: string[]) => ({ events: names.map((name) => `order.${name}`) });
const queued = order({ status: 'queued', responseStatus: 202, ...timeline('created', 'queued') });
const failed = order({
  ...{ status: 'failed', reason: 'OUT_OF_STOCK', responseStatus: 422, ...timeline('created', 'failed') },
});
const cancelled = order({ status: 'cancelled', ...timeline('created', 'confirmed', 'cancelling', 'cancelled') });
const cancelling = order({ status: 'cancelling', ...timeline('created', 'confirmed', 'cancelling') });
const declined = order({
  ...{ status: 'failed', reason: 'CARD_DECLINED', responseStatus: 402, paid: true },
  ...timeline('created', 'compensating', 'failed'),
});
const compensating = { ...declined, status: 'compensating' as const, ...timeline('created', 'compensating') };
const timedOut = order({
  ...{ status: 'failed', reason: 'PAYMENT_TIMEOUT', responseStatus: 202, paid: true },
  ...timeline('created', 'queued', 'compensating', 'failed'),
});

const found = (one: OrderRecord | undefined, record: StockRecord | undefined, expectSettled = true) =>
  judgeOrder(one, record, expectSettled).map((wrong) => `${wrong.invariant} ${wrong.class} ${wrong.subject}`);

describe('finds nothing wrong with', () => {
  it.each([
    ['a confirmed order that has its stock', order(), stock()],
    ['a paid order that has its stock', order({ paid: true }), stock()],
    [
      'an order that was queued, retried, given up, requeued and confirmed',
      order({
        ...timeline('created', 'queued', 'retry_scheduled', 'dead_lettered', 'redriven', 'confirmed'),
        responseStatus: 202,
      }),
      stock(),
    ],
    [
      'an order that was marked by a fault',
      order({ events: ['order.created', 'chaos.marked', 'order.confirmed'] }),
      stock(),
    ],
    ['a refused order that took nothing', failed, REFUSED],
    ['a cancelled order that gave its stock back', cancelled, GIVEN_BACK],
    ['a cancelled order that the warehouse never saw', cancelled, VOIDED],
    ['a declined order that gave its stock back', declined, GIVEN_BACK],
    ['an order that was undone at its deadline, its stock refused', { ...timedOut, responseStatus: 402 }, REFUSED],
    [
      'an order that was undone at its deadline, its stock given back',
      { ...timedOut, responseStatus: 402 },
      GIVEN_BACK,
    ],
    ['no order and no record', NOTHING, NOTHING],
  ])('%s', (_, one, record) => {
    expect(judgeOrder(one, record, true)).toEqual([]);
  });

  it.each([
    [
      'an order that is being placed',
      order({ status: 'pending', responseStatus: null, ...timeline('created') }),
      NOTHING,
    ],
    ['a queued order whose stock is taken', queued, stock()],
    ['a queued order that the warehouse has not seen', queued, NOTHING],
    ['a paid order whose stock is held', { ...queued, paid: true }, HELD],
    ['a cancellation that has given nothing back yet', cancelling, stock()],
    ['a decline whose stock is held', compensating, HELD],
  ])('%s while the system runs; in the end it is unsettled (I8, I18)', (_, one, record) => {
    expect(judgeOrder(one, record, false)).toEqual([]);
    expect(found(one, record)).toEqual([`${one === compensating ? 'I18' : 'I8'} unsettled o1`]);
  });
});

describe('names', () => {
  it.each([
    [
      'stock that was deducted twice (I4, I5)',
      order(),
      stock({ deducted: 'ps5:1,ps5:1,xbox:2' }),
      ['I4 duplicated o1', 'I5 duplicated o1'],
    ],
    [
      'an item that was deducted twice, by different quantities (I4, I5)',
      order(),
      stock({ deducted: 'ps5:1,ps5:2,xbox:2' }),
      ['I4 duplicated o1', 'I5 duplicated o1'],
    ],
    [
      'stock that was released twice (I4, I5)',
      order(),
      stock({ released: 'ps5:1,ps5:1' }),
      ['I4 duplicated o1', 'I5 duplicated o1'],
    ],
    [
      'stock that was released twice, once (I4)',
      cancelled,
      { ...GIVEN_BACK, released: 'ps5:1,ps5:1,xbox:2,xbox:2' },
      ['I4 duplicated o1'],
    ],
    ['a deduction without a decision (I4)', queued, stock({ decision: undefined }), ['I4 drift o1', 'I8 unsettled o1']],
    ['a decision without its deduction (I4)', cancelled, stock({ deducted: '', released: '' }), ['I4 drift o1']],
    ['a release that nobody decided (I4)', cancelled, stock({ released: 'ps5:1,xbox:2' }), ['I4 drift o1']],
    [
      'a release of something else (I4, I6)',
      cancelled,
      { ...GIVEN_BACK, released: 'ps5:1' },
      ['I4 drift o1', 'I6 drift o1'],
    ],
    [
      'a deduction for a refused decision (I4)',
      queued,
      { ...REFUSED, deducted: 'ps5:1,xbox:2' },
      ['I4 drift o1', 'I8 unsettled o1'],
    ],
    ['a confirmed order that took nothing (I5)', order(), NOTHING, ['I5 lost o1']],
    ['a confirmed order that gave its stock back (I5)', order(), GIVEN_BACK, ['I5 drift o1']],
    ['a confirmed order that took something else (I5)', order({ lines: 'ps5:2,xbox:2' }), stock(), ['I5 drift o1']],
    [
      'an open order that took something else (I5)',
      { ...queued, lines: 'ps5:1' },
      stock(),
      ['I5 drift o1', 'I8 unsettled o1'],
    ],
    ['a failed order that keeps its stock (I6)', failed, stock(), ['I6 drift o1']],
    ['a cancelled order that keeps its stock (I6)', cancelled, stock(), ['I6 drift o1']],
    ['a cancelled order that a late deduction could reach (I6)', cancelled, NOTHING, ['I6 drift o1']],
    ['a failed order that a late deduction could reach (I6)', failed, NOTHING, ['I6 drift o1']],
    ['stock that was taken for no order (I5)', NOTHING, stock(), ['I5 unexpected o1']],
    ['a decision about no order (I7)', NOTHING, REFUSED, ['I7 lost o1']],
    [
      'ledger entries about no order (I4, I7)',
      NOTHING,
      stock({ decision: undefined, released: 'ps5:1,xbox:2' }),
      ['I4 drift o1', 'I4 drift o1', 'I7 lost o1'],
    ],
    ['units held for an order on account (I17)', queued, HELD, ['I17 drift o1', 'I8 unsettled o1']],
    ['units held for a confirmed order (I17)', order({ paid: true }), HELD, ['I17 drift o1']],
    ['a refusal for another reason (I12)', { ...failed, reason: 'ITEM_NOT_FOUND' }, REFUSED, ['I12 misjudged o1']],
    ['a failure that the warehouse did not refuse (I12)', failed, GIVEN_BACK, ['I12 misjudged o1']],
    ['a failure without a reason (I12)', { ...failed, reason: null }, VOIDED, ['I12 misjudged o1']],
    [
      'a failure that the warehouse only voided, for that reason (I12)',
      { ...failed, reason: 'ORDER_VOIDED' },
      VOIDED,
      ['I12 misjudged o1'],
    ],
    ['a decline of an order whose stock was not given back (I12)', declined, VOIDED, ['I12 misjudged o1']],
    [
      'a failure of a paid order without a reason (I12)',
      { ...declined, reason: null },
      GIVEN_BACK,
      ['I12 misjudged o1'],
    ],
    ['a decline of an order on account (I12)', { ...declined, paid: false }, GIVEN_BACK, ['I12 misjudged o1']],
    [
      'a timeout of an order on account (I12)',
      { ...declined, reason: 'PAYMENT_TIMEOUT', paid: false },
      GIVEN_BACK,
      ['I12 misjudged o1'],
    ],
    ['a dead letter in the end (I8)', { ...queued, deadLettered: true }, NOTHING, ['I8 unsettled o1']],
  ] as [string, OrderRecord | undefined, StockRecord | undefined, string[]][])('%s', (_, one, record, expected) => {
    expect(found(one, record)).toEqual(expected);
  });

  it.each([
    ['has no timeline', order({ events: [] })],
    ['has a timeline without a status', order({ events: ['chaos.marked'] })],
    ['was confirmed and never created', order(timeline('confirmed'))],
    ['was confirmed before it was created', order(timeline('confirmed', 'created'))],
    ['came back from a cancellation', order(timeline('created', 'confirmed', 'cancelling', 'confirmed'))],
    ['was cancelled before it was decided', order(timeline('created', 'cancelling', 'confirmed'))],
    ['was retried while it did not wait', order(timeline('created', 'retry_scheduled', 'confirmed'))],
    ['was given up after it was confirmed', order(timeline('created', 'confirmed', 'dead_lettered'))],
    ['was requeued after it was confirmed', order(timeline('created', 'confirmed', 'redriven'))],
    ['was retried after it failed', { ...failed, ...timeline('created', 'failed', 'retry_scheduled') }],
    [
      'was requeued after it was cancelled',
      { ...cancelled, ...timeline('created', 'confirmed', 'cancelling', 'cancelled', 'redriven') },
    ],
    ['is confirmed, and its timeline only queued', order(timeline('created', 'queued'))],
  ])('an order that %s (I9)', (_, one) => {
    expect(found({ ...one, responseStatus: null }, stock())).toContain('I9 misjudged o1');
    expect(judgeOrder(one, stock(), true).filter(({ invariant }) => invariant === 'I9')).toHaveLength(1);
  });

  it.each([
    ['refused, though it is confirmed', order({ responseStatus: 422 }), stock()],
    ['refused by the lowest status of refusals', order({ responseStatus: 400 }), stock()],
    ['confirmed, though it never was', { ...failed, responseStatus: 201 }, REFUSED],
    ['accepted, though it never was queued', order({ responseStatus: 202 }), stock()],
    ['not at all, though it is settled', order({ responseStatus: null }), stock()],
  ])('an order that was answered as %s (I10)', (_, one, record) => {
    expect(found(one, record)).toEqual(['I10 replay-mismatch o1']);
  });

  it('an order whose payment was declined for any of its reasons as rightly failed', () => {
    for (const reason of ['CARD_DECLINED', 'INSUFFICIENT_FUNDS', 'PAYMENT_DECLINED']) {
      expect(found({ ...declined, reason }, GIVEN_BACK)).toEqual([]);
    }
  });
});

describe('says', () => {
  const undecided = stock({ decision: undefined, deducted: '' });
  const untaken = stock({ deducted: '' });
  it.each([
    ['in which status an order stayed', queued, NOTHING, 'the order is still queued'],
    ['that an order is a dead letter', { ...queued, deadLettered: true }, NOTHING, 'the order is a dead letter'],
    ['what was decided about no order', NOTHING, REFUSED, 'does not exist (refused)'],
    ['that the ledger alone knows of an order', NOTHING, undecided, 'does not exist (ledger only)'],
    ['what is missing where the warehouse has nothing', cancelled, NOTHING, 'there is no decision'],
    [
      'why the warehouse did not take it',
      { ...failed, reason: null },
      VOIDED,
      'not refuse it so (voided, ORDER_VOIDED)',
    ],
    ['that the stock went back', failed, GIVEN_BACK, 'not refuse it so (applied, released)'],
    ['that the stock did not go back', failed, untaken, 'not refuse it so (applied)'],
    ['that there is no timeline', order({ events: [] }), stock(), 'it has no timeline'],
    [
      'what happened out of turn, and the whole timeline',
      order(timeline('created', 'retry_scheduled', 'confirmed')),
      stock(),
      'retry_scheduled while pending (order.created, order.retry_scheduled, order.confirmed)',
    ],
  ] as [string, OrderRecord | undefined, StockRecord | undefined, string][])('%s', (_, one, record, words) => {
    const details = judgeOrder(one, record, true).map(({ detail }) => detail);
    expect(details.join('; ')).toContain(words);
  });
});

describe('the worker', () => {
  it.each(['queued', 'cancelling', 'compensating'] as const)('may try again while an order is %s', (status) => {
    const path = { queued: [], cancelling: ['queued'], compensating: [] }[status];
    const events = timeline('created', ...path, status, 'retry_scheduled');
    const wrong = judgeOrder(order({ ...events, status, responseStatus: null }), stock(), false);
    expect(wrong.map(({ invariant }) => invariant)).not.toContain('I9');
  });
});

describe('mayHaveBecome', () => {
  it('follows the state machine, over any number of moves and never back', () => {
    expect(mayHaveBecome('pending', 'pending')).toBe(true);
    expect(mayHaveBecome('pending', 'cancelled')).toBe(true);
    expect(mayHaveBecome('queued', 'failed')).toBe(true);
    for (const [earlier, now] of [
      ['queued', 'pending'],
      ['confirmed', 'failed'],
      ['failed', 'cancelled'],
      ['cancelled', 'cancelling'],
      ['compensating', 'confirmed'],
      ['compensating', 'cancelled'],
    ] as const) {
      expect(mayHaveBecome(earlier, now), `${earlier} ${now}`).toBe(false);
    }
  });
});

it('judgeLedger names each entry that differs from the decision', () => {
  expect(judgeLedger(stock())).toEqual([]);
  expect(judgeLedger(stock({ deducted: 'ps5:1', released: 'ps5:1' }))).toHaveLength(2);
});

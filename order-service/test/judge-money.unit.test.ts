import { expect, it } from 'vitest';
import { judgeMoneyFacts, type MoneyFacts } from '../src/integrity/judge-money.ts';
import { OrderReconciler } from '../src/integrity/reconcile-orders.ts';

const charge = { transaction_type: 'charge', amount_change: 500, currency: 'EUR' } as const;
const refund = { transaction_type: 'refund', amount_change: -500, currency: 'EUR' } as const;
const facts = (change: Partial<MoneyFacts> = {}): MoneyFacts => ({
  id: 'order-1',
  status: 'confirmed',
  total: 500,
  currency: 'EUR',
  holdsStock: true,
  entries: [charge],
  ...change,
});
const found = (change?: Partial<MoneyFacts>) => judgeMoneyFacts(facts(change)).map(({ invariant }) => invariant);

it('money that fits its order is no finding', () => {
  expect(found()).toEqual([]);
  for (const status of ['failed', 'cancelled']) {
    expect(found({ status, holdsStock: false, entries: [] })).toEqual([]);
    expect(found({ status, holdsStock: false, entries: [charge, refund] })).toEqual([]);
  }
  expect(found({ status: 'queued' })).toEqual([]);
});

it.each<[string, string, Partial<MoneyFacts>]>([
  ['I14', 'a second charge', { entries: [charge, charge] }],
  ['I14', 'a second refund', { status: 'cancelled', entries: [charge, refund, refund] }],
  ['I14', 'another amount', { total: 499 }],
  ['I14', 'another currency', { currency: 'USD' }],
  ['I15', 'a confirmed order that is not charged', { entries: [] }],
  ['I15', 'a confirmed order that was refunded', { entries: [charge, refund] }],
  ['I15', 'a charge without stock, whatever the status', { status: 'compensating', holdsStock: false }],
  ['I16', 'a cancelled order that stays charged', { status: 'cancelled' }],
])('%s: %s is found', (invariant, _what, change) => expect(found(change)).toEqual([invariant]));

it('a paid order that looks right is looked up all the same, since its money is not followed', () => {
  const orders = new OrderReconciler();
  for (const [id, paid] of [
    ['paid', true],
    ['on account', false],
  ] as const) {
    orders.event('order.created', id, 1, 'ps5:1', paid);
    orders.event('order.confirmed', id, 2, undefined);
    orders.movement('deduct', id, 2, { item_id: 'ps5', quantity: 1 });
  }
  expect(orders.judge(10)).toEqual(['paid']);
});

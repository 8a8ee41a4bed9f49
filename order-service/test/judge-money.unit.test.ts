import { expect, it } from 'vitest';
import type { AuditedOrder } from '../src/integrity/integrity-store.ts';
import { judgeMoneyFacts, type MoneyFacts } from '../src/integrity/judge-money.ts';
import { lookUpOrders } from '../src/integrity/look-up-orders.ts';
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
    // Undone after its request died between the charge and the answer, so its prices were never written.
    expect(found({ status, holdsStock: false, entries: [charge, refund], currency: null, total: 0 })).toEqual([]);
  }
  expect(found({ status: 'queued' })).toEqual([]);
  // The money was read before it was given back, the stock after it.
  expect(found({ status: 'compensating', holdsStock: false })).toEqual([]);
});

it.each<[string, string, Partial<MoneyFacts>]>([
  ['I14', 'a second charge', { entries: [charge, charge] }],
  ['I14', 'a second refund', { status: 'cancelled', entries: [charge, refund, refund] }],
  ['I14', 'another amount', { total: 499 }],
  ['I14', 'another currency', { currency: 'USD' }],
  ['I15', 'a confirmed order that is not charged', { entries: [] }],
  ['I15', 'a confirmed order that was refunded', { entries: [charge, refund] }],
  ['I15', 'a charge without stock, though the order is open', { status: 'queued', holdsStock: false }],
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

it('stock and money that are taken while an open order is looked up are no charge without stock', async () => {
  const id = '0198c0de-0000-7000-8000-000000000001';
  const order = { order_id: id, status: 'queued', lines: 'ps5:1', paid: true, currency: 'EUR', total_cents: 500 };
  const open: AuditedOrder = { ...order, events: ['order.created', 'order.queued'] };
  const at = { order_id: id, position: '1.1', created_at: '2026-01-01T00:00:00Z' };
  const deduction = { transaction_type: 'deduct', item_id: 'ps5', quantity_change: -1, restock_id: null } as const;
  let isTaken = false;
  /** What is asked for first shows nothing yet. */
  const once = <T>(entry: T) => {
    const shown = isTaken ? [entry] : [];
    isTaken = true;
    return shown;
  };
  const [looked] = await lookUpOrders(
    [id],
    { findAll: async () => [open], goneBefore: async () => '' },
    { ofOrders: async () => once({ ...at, ...deduction }) },
    { ofOrders: async () => once({ ...at, ...charge }) },
  );
  expect(looked?.findings).toEqual([]);
});

it.each<[string, string[]]>([
  ['confirmed', ['I17']],
  ['queued', []],
])('I17: of an order that still holds its reservation and is %s, the findings are %j', async (status, found) => {
  const order = { order_id: 'o', status, lines: 'ps5:1', paid: true, currency: 'EUR', total_cents: 500, events: [] };
  const entry = { position: '1.1', transaction_type: 'deduct' as const, item_id: 'ps5', quantity_change: -1 };
  const ledger = [{ ...entry, order_id: 'o', restock_id: null, created_at: '2026-01-01T00:00:00Z', held: true }];
  const store = { findAll: async () => [order], goneBefore: async () => '' };
  const [looked] = await lookUpOrders(['o'], store, { ofOrders: async () => ledger });
  expect(looked?.findings.map(({ invariant }) => invariant)).toEqual(found);
});

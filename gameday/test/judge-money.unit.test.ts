import { expect, it } from 'vitest';
import { judgeMoney, type MoneyRecord } from '../src/checker/judge-money.ts';
import type { OrderRecord, StockRecord } from '../src/checker/judge-order.ts';

const PRICE = '1299 EUR';
const order = (changes: Partial<OrderRecord> = {}): OrderRecord => ({
  id: 'o1',
  key: 'k1',
  status: 'confirmed',
  reason: null,
  lines: 'ps5:1',
  responseStatus: 201,
  deadLettered: false,
  events: ['order.created', 'order.confirmed'],
  paid: true,
  total: PRICE,
  ...changes,
});
const stock = (released = false): StockRecord => ({
  orderId: 'o1',
  decision: { outcome: 'applied', reason: null, lines: 'ps5:1', released, held: false, total: PRICE },
  deducted: 'ps5:1',
  released: released ? 'ps5:1' : '',
});
const CHARGED = { charged: [PRICE], refunded: [] };
const REFUNDED = { charged: [PRICE], refunded: [PRICE] };
const NOTHING = { charged: [], refunded: [] };
const money = (changes: Partial<MoneyRecord> = {}): MoneyRecord => ({
  orderId: 'o1',
  payment: { outcome: 'applied', reason: null, amount: PRICE, waitsFor: null },
  ledger: CHARGED,
  provider: CHARGED,
  ...changes,
});
const invariants = (...of: Parameters<typeof judgeMoney>) => judgeMoney(...of).map(({ invariant }) => invariant);

it('finds nothing wrong with an order that was charged once and has its stock', () => {
  expect(judgeMoney(order(), stock(), money(), true)).toEqual([]);
});

it('finds nothing wrong with a cancelled order that was refunded', () => {
  const cancelled = order({ status: 'cancelled' });
  expect(judgeMoney(cancelled, stock(true), money({ ledger: REFUNDED, provider: REFUNDED }), true)).toEqual([]);
});

it('finds nothing wrong with an order on account', () => {
  expect(judgeMoney(order({ paid: false, total: null }), stock(), undefined, true)).toEqual([]);
});

it.each([
  [
    'I14',
    'a second charge at the provider',
    order(),
    stock(),
    money({ provider: { charged: [PRICE, PRICE], refunded: [] } }),
  ],
  ['I14', 'a charge that only the provider has', order(), stock(), money({ ledger: NOTHING })],
  ['I14', 'a charge that only we have', order(), stock(), money({ provider: NOTHING })],
  [
    'I14',
    'an amount that is a cent too high',
    order(),
    stock(),
    money({ ledger: { charged: ['1300 EUR'], refunded: [] }, provider: { charged: ['1300 EUR'], refunded: [] } }),
  ],
  [
    'I14',
    'another currency',
    order(),
    stock(),
    money({ ledger: { charged: ['1299 USD'], refunded: [] }, provider: { charged: ['1299 USD'], refunded: [] } }),
  ],
  ['I15', 'a confirmed order without a payment', order(), stock(), undefined],
  ['I15', 'a confirmed order that was refunded', order(), stock(), money({ ledger: REFUNDED, provider: REFUNDED })],
  ['I15', 'money without stock', order({ status: 'cancelling' }), stock(true), money()],
  ['I15', 'money for an order on account', order({ paid: false, total: null }), stock(), money()],
  ['I15', 'money for an order that does not exist', undefined, undefined, money()],
  ['I16', 'a cancelled order that stays charged', order({ status: 'cancelled' }), stock(true), money()],
  [
    'I16',
    'a failed order whose charge can still arrive',
    order({ status: 'failed' }),
    stock(true),
    money({
      payment: { outcome: null, reason: null, amount: PRICE, waitsFor: 'charge' },
      ledger: NOTHING,
      provider: NOTHING,
    }),
  ],
  [
    'I18',
    'a refund that is still open in the end',
    order({ status: 'cancelling' }),
    stock(),
    money({ payment: { outcome: 'applied', reason: null, amount: PRICE, waitsFor: 'refund' } }),
  ],
  [
    'I12',
    'a decline that nobody said',
    order({ status: 'failed', reason: 'CARD_DECLINED' }),
    stock(true),
    money({ ledger: REFUNDED, provider: REFUNDED }),
  ],
] as const)('%s: %s', (invariant, _, of, held, paid) => {
  expect(invariants(of, held, paid, true)).toContain(invariant);
});

it('lets a charge be on its way into our ledger while the system runs', () => {
  expect(judgeMoney(order({ status: 'queued' }), stock(), money({ ledger: NOTHING }), false)).toEqual([]);
});

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
/** What both books say when this amount was charged. */
function both(amount: string): Pick<MoneyRecord, 'ledger' | 'provider'> {
  const booked = { charged: [amount], refunded: [] };
  return { ledger: booked, provider: booked };
}
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
  ['I14', 'an amount that is a cent too high', order(), stock(), money(both('1300 EUR'))],
  ['I14', 'another currency', order(), stock(), money(both('1299 USD'))],
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

const TWICE = { charged: [PRICE], refunded: [PRICE, PRICE] };
const DECLINED = money({
  payment: { outcome: 'refused', reason: 'CARD_DECLINED', amount: PRICE, waitsFor: null },
  ...{ ledger: NOTHING, provider: NOTHING },
});
const ONE_EURO = money({
  payment: { outcome: 'applied', reason: null, amount: '1 EUR', waitsFor: null },
  ...both('1 EUR'),
});
const VOIDED = money({
  payment: { outcome: 'voided', reason: 'ORDER_VOIDED', amount: null, waitsFor: null },
  ...{ ledger: NOTHING, provider: NOTHING },
});
const named = (...of: Parameters<typeof judgeMoney>) =>
  judgeMoney(...of).map((wrong) => `${wrong.invariant} ${wrong.class} ${wrong.subject}`);

it.each([
  ['an open paid order whose payment was not asked for', order({ status: 'queued' }), stock(), undefined],
  ['a cancelled paid order whose payment was never asked for', order({ status: 'cancelled' }), stock(true), undefined],
  [
    'a payment without an order that was given back',
    undefined,
    undefined,
    money({ ledger: REFUNDED, provider: REFUNDED }),
  ],
  ['a tombstone without an order', undefined, undefined, VOIDED],
  ['nothing at all', undefined, undefined, undefined],
  ['a declined order', order({ status: 'failed', reason: 'CARD_DECLINED' }), stock(true), DECLINED],
  [
    'an order that was undone before its charge',
    order({ status: 'failed', reason: 'PAYMENT_TIMEOUT' }),
    stock(true),
    VOIDED,
  ],
  ['an order that is being undone', order({ status: 'compensating' }), stock(), DECLINED],
  ['an order whose total is not known yet', order({ status: 'queued', total: null }), stock(), money()],
] as const)('finds nothing wrong with %s', (_, of, held, paid) => {
  expect(judgeMoney(of, held, paid, true)).toEqual([]);
});

it.each([
  [
    'a second charge in our ledger',
    order(),
    stock(),
    money({ ledger: { charged: [PRICE, PRICE], refunded: [] } }),
    ['I14 duplicated o1', 'I14 drift o1'],
  ],
  [
    'a second refund in both books',
    order({ status: 'cancelled' }),
    stock(true),
    money({ ledger: TWICE, provider: TWICE }),
    ['I14 duplicated o1', 'I14 duplicated o1'],
  ],
  [
    'a refund that only the provider has',
    order({ status: 'cancelled' }),
    stock(true),
    money({ provider: REFUNDED }),
    ['I14 drift o1'],
  ],
  [
    'a refund of another amount',
    order({ status: 'cancelled' }),
    stock(true),
    money({
      ledger: { charged: [PRICE], refunded: ['1 EUR'] },
      provider: { charged: [PRICE], refunded: ['1 EUR'] },
    }),
    ['I14 drift o1'],
  ],
  [
    'a charge of the total that the warehouse did not decide',
    order({ total: '1 EUR' }),
    stock(),
    ONE_EURO,
    ['I14 drift o1'],
  ],
  [
    'a charge of an order without a price',
    order({ total: null, status: 'queued' }),
    undefined,
    money(),
    ['I14 drift o1', 'I15 drift o1'],
  ],
  [
    'an amount asked for that is not the price',
    order(),
    stock(),
    money({
      payment: { outcome: 'applied', reason: null, amount: '1 EUR', waitsFor: null },
    }),
    ['I14 drift o1'],
  ],
  [
    'a charge of another amount, before the order has its total',
    order({ status: 'queued', total: null }),
    stock(),
    ONE_EURO,
    ['I14 drift o1'],
  ],
  [
    'books that differ, from which nothing follows about a cancelled order',
    order({ status: 'cancelled' }),
    stock(true),
    money({ ledger: NOTHING }),
    ['I14 drift o1'],
  ],
  [
    'money for an order that the warehouse has not decided',
    order({ status: 'queued' }),
    { ...stock(), decision: undefined, deducted: '' },
    money(),
    ['I15 drift o1'],
  ],
  ['a confirmed order without a payment', order(), stock(), undefined, ['I15 lost o1']],
  ['a confirmed order whose payment was voided', order(), stock(), VOIDED, ['I15 lost o1']],
  ['money for an order on account', order({ paid: false, total: null }), stock(), money(), ['I15 unexpected o1']],
  ['money for no order', undefined, undefined, money(), ['I15 unexpected o1']],
  ['money for an order whose stock went back', order({ status: 'cancelling' }), stock(true), money(), ['I15 drift o1']],
  [
    'money for an order that never had stock',
    order({ status: 'queued' }),
    { ...stock(), deducted: '' },
    money(),
    ['I15 drift o1'],
  ],
  [
    'money for an order that the warehouse has not seen',
    order({ status: 'queued' }),
    undefined,
    money(),
    ['I15 drift o1'],
  ],
  ['a failed order that stays charged', order({ status: 'failed' }), stock(true), money(), ['I16 drift o1']],
  [
    'a cancelled order whose charge is undecided',
    order({ status: 'cancelled' }),
    stock(true),
    money({
      payment: { outcome: null, reason: null, amount: PRICE, waitsFor: null },
      ...{ ledger: NOTHING, provider: NOTHING },
    }),
    ['I16 drift o1'],
  ],
  [
    'a cancelled order whose charge waits',
    order({ status: 'cancelled' }),
    stock(true),
    money({
      payment: { outcome: 'voided', reason: null, amount: PRICE, waitsFor: 'charge' },
      ...{ ledger: NOTHING, provider: NOTHING },
    }),
    ['I16 drift o1', 'I18 unsettled o1'],
  ],
  [
    'a decline of a payment that was voided',
    order({ status: 'failed', reason: 'CARD_DECLINED' }),
    stock(true),
    VOIDED,
    ['I12 misjudged o1'],
  ],
  [
    'a decline without a payment',
    order({ status: 'failed', reason: 'CARD_DECLINED' }),
    stock(true),
    { ...VOIDED, payment: undefined },
    ['I12 misjudged o1'],
  ],
] as [string, OrderRecord | undefined, StockRecord | undefined, MoneyRecord | undefined, string[]][])(
  'names %s, and nothing else',
  (_, of, held, paid, expected) => {
    expect(named(of, held, paid, true)).toEqual(expected);
  },
);

it('while the system runs, lets what only the provider has pass, and a refund that is open', () => {
  const refunding = money({ payment: { outcome: 'applied', reason: null, amount: PRICE, waitsFor: 'refund' } });
  expect(named(order({ status: 'cancelling' }), stock(), refunding, false)).toEqual([]);
  expect(named(order({ status: 'cancelling' }), stock(), { ...refunding, provider: REFUNDED }, false)).toEqual([]);
  expect(named(order({ status: 'queued' }), stock(), money({ provider: NOTHING }), false)).toEqual(['I14 drift o1']);
  const undecided = { outcome: null, reason: null, amount: PRICE, waitsFor: 'charge' } as const;
  const asked = money({ payment: undecided, ledger: NOTHING, provider: NOTHING });
  expect(named(order({ status: 'queued' }), stock(), asked, false)).toEqual([]);
});

it('says the status of the order, what it costs, and what is wrong', () => {
  const details = (...of: Parameters<typeof judgeMoney>) => judgeMoney(...of).map(({ detail }) => detail);
  expect(details(order(), stock(), undefined, true)).toEqual(['confirmed for 1299 EUR; there is no payment']);
  expect(details(order({ total: null }), stock(), undefined, true)[0]).toContain('confirmed for an unknown total; ');
  expect(details(order({ status: 'cancelled' }), stock(true), money(), true)).toEqual([
    'cancelled; 1299 EUR stays charged',
  ]);
});

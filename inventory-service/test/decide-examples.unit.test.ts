import { describe, expect, it } from 'vitest';
import { type Decision, decide, type Stock, type StockCommand } from '../src/decide.ts';

// Beside the properties of decide.unit.test.ts, which also hold for a warehouse that never takes anything: what each command does.

const NOW = '2026-01-02T00:00:00.000Z';
const BEFORE = '2026-01-01T00:00:00.000Z';
const ID = 'order-1';
const items = [
  { item_id: 'a', quantity: 2 },
  { item_id: 'b', quantity: 1 },
];
const prices = { currency: 'EUR', unit_price_cents: [500, 300] };
const stock = new Map<string, Stock>([
  ['a', { quantity: 5, price_cents: 500, currency: 'EUR' }],
  ['b', { quantity: 1, price_cents: 300, currency: 'EUR' }],
]);

const applied = (change: Partial<Decision> = {}): Decision => ({
  ...{ order_id: ID, outcome: 'applied', reason: null, items, prices, decided_at: NOW, released_at: null, held: false },
  ...change,
});
const VOIDED = {
  ...{ order_id: ID, outcome: 'voided', reason: 'ORDER_VOIDED', items: [], prices: null },
  ...{ decided_at: NOW, released_at: null, held: false },
};
const TAKEN = [
  { transaction_type: 'deduct', order_id: ID, item_id: 'a', quantity_change: -2 },
  { transaction_type: 'deduct', order_id: ID, item_id: 'b', quantity_change: -1 },
];
const GIVEN_BACK = [
  { transaction_type: 'release', order_id: ID, item_id: 'a', quantity_change: 2 },
  { transaction_type: 'release', order_id: ID, item_id: 'b', quantity_change: 1 },
];
const NOTHING = { made: [], released: [], committed: [], movements: [], deltas: new Map() };

/** The deltas of a and b, as [quantity, held]. */
const deltas = (a: [number, number], b: [number, number]) =>
  new Map([
    ['a', { quantity: a[0], held: a[1] }],
    ['b', { quantity: b[0], held: b[1] }],
  ]);
const [deduct, reserve, commit, release]: StockCommand[] = [
  { op: 'deduct', order_id: ID, items },
  { op: 'reserve', order_id: ID, items },
  { op: 'commit', order_id: ID },
  { op: 'release', order_id: ID },
] as const;
const run = (commands: (StockCommand | undefined)[], earlier?: Decision) =>
  decide(commands as StockCommand[], stock, new Map(earlier ? [[ID, earlier]] : []), NOW);

describe('an order that the warehouse has not seen', () => {
  it('takes its units for good, with one entry for each line', () => {
    const decision = applied();
    expect(run([deduct])).toEqual({
      ...NOTHING,
      ...{ answers: [decision], made: [decision], movements: TAKEN, deltas: deltas([-2, 0], [-1, 0]) },
    });
  });

  it('takes the same units when it reserves them, and they count as held', () => {
    const decision = applied({ held: true });
    expect(run([reserve])).toEqual({
      ...NOTHING,
      ...{ answers: [decision], made: [decision], movements: TAKEN, deltas: deltas([-2, 2], [-1, 1]) },
    });
  });

  it('is one decision without a hold when one batch takes and commits it', () => {
    const decision = applied();
    expect(run([reserve, commit])).toEqual({
      ...NOTHING,
      ...{ answers: [applied({ held: true }), decision], made: [decision] },
      ...{ movements: TAKEN, deltas: deltas([-2, 0], [-1, 0]) },
    });
  });

  it('leaves a tombstone when it is released or committed, and takes nothing afterwards (I6)', () => {
    for (const first of [release, commit]) {
      expect(run([first, deduct, commit, release])).toEqual({
        ...NOTHING,
        ...{ answers: [VOIDED, VOIDED, VOIDED, VOIDED], made: [VOIDED] },
      });
    }
  });

  it('is one decision of its last state when one batch takes it, commits it and gives it back', () => {
    const gone = applied({ released_at: NOW });
    expect(run([reserve, commit, release])).toEqual({
      ...{ answers: [applied({ held: true }), applied(), gone], made: [gone], released: [], committed: [] },
      ...{ movements: [...TAKEN, ...GIVEN_BACK], deltas: deltas([0, 0], [0, 0]) },
    });
  });
});

describe('an order that was decided before', () => {
  const earlier = applied({ decided_at: BEFORE });
  const reserved = applied({ decided_at: BEFORE, held: true });

  it('keeps its decision, whatever is asked to be taken for it', () => {
    expect(run([deduct, reserve], earlier)).toEqual({ ...NOTHING, answers: [earlier, earlier] });
  });

  it('gives its units back once, however often it is released', () => {
    const released = { ...earlier, released_at: NOW };
    expect(run([release, release, commit], earlier)).toEqual({
      ...{ answers: [released, released, released], made: [], released: [ID], committed: [] },
      ...{ movements: GIVEN_BACK, deltas: deltas([2, 0], [1, 0]) },
    });
    expect(run([release], released)).toEqual({ ...NOTHING, answers: [released] });
  });

  it('is no longer held when it is committed, and its units stay taken (I17)', () => {
    expect(run([commit, commit], reserved)).toEqual({
      ...{ ...NOTHING, answers: [earlier, earlier], committed: [ID] },
      deltas: deltas([0, -2], [0, -1]),
    });
    expect(run([commit], earlier)).toEqual({ ...NOTHING, answers: [earlier] });
  });

  it('is no longer held when it is released (I17)', () => {
    expect(run([release], reserved)).toMatchObject({ released: [ID], deltas: deltas([2, -2], [1, -1]) });
  });

  it('is released and not committed when one batch does both', () => {
    expect(run([commit, release], reserved)).toEqual({
      ...{ answers: [earlier, { ...earlier, released_at: NOW }], made: [], released: [ID], committed: [] },
      ...{ movements: GIVEN_BACK, deltas: deltas([2, -2], [1, -1]) },
    });
  });

  it('gives nothing back when it was refused or voided', () => {
    for (const outcome of ['refused', 'voided'] as const) {
      const none = { ...earlier, outcome };
      expect(run([release, commit], none)).toEqual({ ...NOTHING, answers: [none, none] });
    }
  });
});

describe('a refusal', () => {
  const asking = (...lines: [string, number][]): StockCommand => ({
    ...{ op: 'reserve', order_id: ID },
    items: lines.map(([item_id, quantity]) => ({ item_id, quantity })),
  });

  it.each([
    ['an item that does not exist, though the others do', asking(['a', 1], ['x', 1]), 'ITEM_NOT_FOUND', null],
    ['an item that does not exist, before one that is short', asking(['b', 9], ['x', 1]), 'ITEM_NOT_FOUND', null],
    ['one unit more than there is', asking(['a', 1], ['b', 2]), 'OUT_OF_STOCK', prices],
    ['nothing at all', asking(), 'CURRENCIES_DIFFER', null],
  ] as const)('of %s says why, and takes, holds and prices nothing else', (_, command, reason, known) => {
    const refused = {
      ...applied({ outcome: 'refused', reason, prices: known }),
      items: 'items' in command && command.items,
    };
    expect(run([command])).toEqual({ ...NOTHING, answers: [refused], made: [refused] });
  });

  it('meets the second of two orders in one batch that want the last unit', () => {
    const second: StockCommand = { op: 'deduct', order_id: 'order-2', items: [{ item_id: 'b', quantity: 1 }] };
    expect(run([deduct, second]).answers.map(({ reason }) => reason)).toEqual([null, 'OUT_OF_STOCK']);
    expect(run([deduct, release, second]).answers.at(-1)).toMatchObject({ outcome: 'applied' });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decision, decide, type Movement, type Stock, type StockCommand } from '../src/decide.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const item = fc.constantFrom('a', 'b', 'c', 'unknown');
const orderId = fc.constantFrom(...Array.from({ length: 8 }, (_, i) => `order-${i}`));
const line = fc.record({ item_id: item, quantity: fc.integer({ min: 1, max: 5 }) });
const command: fc.Arbitrary<StockCommand> = fc.oneof(
  fc.record({
    op: fc.constantFrom('deduct' as const, 'reserve' as const),
    order_id: orderId,
    items: fc.uniqueArray(line, { selector: (l) => l.item_id, minLength: 1, maxLength: 4 }),
  }),
  fc.record({ op: fc.constantFrom('release' as const, 'commit' as const), order_id: orderId }),
);
const commands = fc.array(command, { maxLength: 40 });
const stock = fc
  .record({ a: fc.nat(12), b: fc.nat(12), c: fc.nat(12) })
  .map((record) => new Map(Object.entries(record)));

/** Applies verdicts as the store does, so that a history of batches can be checked. */
function warehouse(initial: Map<string, number>) {
  const quantity = new Map(initial);
  const held = new Map<string, number>();
  const decisions = new Map<string, Decision>();
  const ledger: Movement[] = [];
  return {
    quantity,
    held,
    decisions,
    ledger,
    run(batch: StockCommand[]) {
      const stock = new Map(
        [...quantity].map(([id, units]) => [id, { quantity: units, price_cents: 5, currency: 'EUR' }]),
      );
      const verdict = decide(batch, stock, decisions, NOW);
      for (const decision of verdict.made) decisions.set(decision.order_id, decision);
      for (const id of verdict.released)
        decisions.set(id, { ...(decisions.get(id) as Decision), released_at: NOW, held: false });
      for (const id of verdict.committed) decisions.set(id, { ...(decisions.get(id) as Decision), held: false });
      for (const [id, delta] of verdict.deltas) {
        quantity.set(id, (quantity.get(id) ?? 0) + delta.quantity);
        held.set(id, (held.get(id) ?? 0) + delta.held);
      }
      ledger.push(...verdict.movements);
      return verdict;
    },
  };
}

/** Splits a history into batches of the given sizes. */
function split(history: StockCommand[], sizes: number[]): StockCommand[][] {
  const batches: StockCommand[][] = [];
  for (let at = 0, i = 0; at < history.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    batches.push(history.slice(at, at + size));
    at += size;
  }
  return batches;
}

const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });

describe('over any history of commands, in batches of any size', () => {
  it('I1: what is left is what was there, plus releases, minus deductions', () => {
    fc.assert(
      fc.property(stock, commands, sizes, (initial, history, cut) => {
        const house = warehouse(initial);
        for (const batch of split(history, cut)) house.run(batch);
        for (const [id, before] of initial) {
          const sum = house.ledger
            .filter((entry) => entry.item_id === id)
            .reduce((total, entry) => total + entry.quantity_change, before);
          expect(house.quantity.get(id)).toBe(sum);
        }
      }),
    );
  });

  it('I2: no item ever goes below zero', () => {
    fc.assert(
      fc.property(stock, commands, sizes, (initial, history, cut) => {
        const house = warehouse(initial);
        for (const batch of split(history, cut)) {
          house.run(batch);
          for (const left of house.quantity.values()) expect(left).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('I4: an order is deducted at most once and released at most once, item by item', () => {
    fc.assert(
      fc.property(stock, commands, sizes, (initial, history, cut) => {
        const house = warehouse(initial);
        for (const batch of split(history, cut)) house.run(batch);
        const keys = house.ledger.map((entry) => `${entry.transaction_type} ${entry.order_id} ${entry.item_id}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  it('the first decision stands: every later answer about the order has its outcome', () => {
    fc.assert(
      fc.property(stock, commands, sizes, (initial, history, cut) => {
        const house = warehouse(initial);
        const first = new Map<string, string>();
        for (const batch of split(history, cut)) {
          for (const answer of house.run(batch).answers) {
            expect(answer.outcome).toBe(first.get(answer.order_id) ?? answer.outcome);
            first.set(answer.order_id, answer.outcome);
          }
        }
      }),
    );
  });

  it('the size of the batches changes no decision', () => {
    fc.assert(
      fc.property(stock, commands, sizes, (initial, history, cut) => {
        const batched = warehouse(initial);
        for (const batch of split(history, cut)) batched.run(batch);
        const single = warehouse(initial);
        for (const one of history) single.run([one]);
        expect(batched.decisions).toEqual(single.decisions);
        expect(batched.quantity).toEqual(single.quantity);
      }),
    );
  });

  it('I17: what is held is what reservations took that were neither committed nor released', () => {
    fc.assert(
      fc.property(stock, commands, sizes, (initial, history, cut) => {
        const house = warehouse(initial);
        for (const batch of split(history, cut)) house.run(batch);
        const open = [...house.decisions.values()].filter(({ held }) => held);
        expect(open.every(({ outcome, released_at }) => outcome === 'applied' && released_at === null)).toBe(true);
        for (const [id, held] of house.held) {
          const lines = open.flatMap(({ items }) => items).filter(({ item_id }) => item_id === id);
          expect(held).toBe(lines.reduce((sum, { quantity }) => sum + quantity, 0));
        }
      }),
    );
  });

  it('I12: an order is refused only when an item was short or unknown at that moment', () => {
    fc.assert(
      fc.property(stock, commands, (initial, history) => {
        const house = warehouse(initial);
        for (const one of history) {
          const before = new Map(house.quantity);
          const [made] = house.run([one]).made;
          if (!('items' in one) || made?.outcome !== 'refused') continue;
          expect(one.items.some((l) => (before.get(l.item_id) ?? -1) < l.quantity)).toBe(true);
        }
      }),
    );
  });
});

it('I6: a deduction that arrives after the release of its order takes nothing', () => {
  const house = warehouse(new Map([['a', 5]]));
  house.run([{ op: 'release', order_id: 'late' }]);
  const { answers } = house.run([{ op: 'deduct', order_id: 'late', items: [{ item_id: 'a', quantity: 1 }] }]);
  expect(answers[0]).toMatchObject({ outcome: 'voided', reason: 'ORDER_VOIDED' });
  expect(house.quantity.get('a')).toBe(5);
});

it('an order is all or nothing: one short item refuses the whole order', () => {
  const house = warehouse(
    new Map([
      ['a', 5],
      ['b', 0],
    ]),
  );
  const { answers } = house.run([
    {
      op: 'deduct',
      order_id: 'both',
      items: [
        { item_id: 'a', quantity: 1 },
        { item_id: 'b', quantity: 1 },
      ],
    },
  ]);
  expect(answers[0]).toMatchObject({ outcome: 'refused', reason: 'OUT_OF_STOCK' });
  expect(house.quantity.get('a')).toBe(5);
});

describe('prices', () => {
  const one = (change: Partial<Stock> = {}): Stock => ({ quantity: 9, price_cents: 500, currency: 'EUR', ...change });
  const items = [
    { item_id: 'a', quantity: 2 },
    { item_id: 'b', quantity: 1 },
  ];
  const decideOne = (stock: [string, Stock][], more: object = {}) =>
    decide([{ op: 'deduct', order_id: 'order-1', items, ...more }], new Map(stock), new Map(), NOW).answers[0];

  it('a decision tells the prices of its moment, and keeps them', () => {
    const stock: [string, Stock][] = [
      ['a', one()],
      ['b', one({ price_cents: 1 })],
    ];
    const first = decideOne(stock) as Decision;
    expect(first).toMatchObject({ outcome: 'applied', prices: { currency: 'EUR', unit_price_cents: [500, 1] } });
    const dearer = new Map([['a', one({ price_cents: 900 })]]);
    const known = new Map([['order-1', first]]);
    const again = decide([{ op: 'deduct', order_id: 'order-1', items }], dearer, known, NOW).answers[0];
    expect(again).toEqual(first);
  });

  it('an order that costs anything but what its customer saw takes nothing', () => {
    const stock: [string, Stock][] = [
      ['a', one()],
      ['b', one()],
    ];
    expect(decideOne(stock, { expected_total_cents: 1_500 })).toMatchObject({ outcome: 'applied' });
    const refused = { outcome: 'refused', reason: 'PRICE_CHANGED', prices: { unit_price_cents: [500, 500] } };
    expect(decideOne(stock, { expected_total_cents: 1_499 })).toMatchObject(refused);
  });

  it('items in two currencies have no total, so they are no order', () => {
    const stock: [string, Stock][] = [
      ['a', one()],
      ['b', one({ currency: 'USD' })],
    ];
    expect(decideOne(stock)).toMatchObject({ outcome: 'refused', reason: 'CURRENCIES_DIFFER', prices: null });
  });
});

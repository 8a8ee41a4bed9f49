import { describe, expect, it } from 'vitest';
import { Beside } from '../src/checker/beside.ts';
import type { OrderRecord, StockRecord } from '../src/checker/judge-order.ts';
import { movesOf, pathOf } from '../src/checker/path.ts';
import { PathIndex } from '../src/checker/path-index.ts';
import { ViolationList, violation, violationName } from '../src/checker/violation.ts';

describe('records that stream beside the orders', () => {
  async function* stream(...ids: string[]) {
    for (const orderId of ids) yield { orderId };
  }

  /** What each order got, and what was handed over as nobody's; `again` is marked. */
  async function walk(records: string[], orders: string[], goneBefore = '') {
    const orphans: string[] = [];
    const beside = new Beside(stream(...records), goneBefore, ({ orderId }, again) =>
      orphans.push(again ? `${orderId} again` : orderId),
    );
    const taken: (string | undefined)[] = [];
    for (const id of orders) taken.push((await beside.take(id))?.orderId);
    const during = [...orphans];
    await beside.rest();
    return { taken, during, orphans };
  }

  it('reach their orders, and those of no order are handed over in their place', async () => {
    expect(await walk(['a', 'b', 'd', 'e'], ['b', 'c', 'd'])).toEqual({
      ...{ taken: ['b', undefined, 'd'], during: ['a'], orphans: ['a', 'e'] },
    });
    expect(await walk([], ['a'])).toEqual({ taken: [undefined], during: [], orphans: [] });
    expect(await walk(['a'], [])).toEqual({ taken: [], during: [], orphans: ['a'] });
  });

  it('are handed over when they are about an order that already had one', async () => {
    expect(await walk(['a', 'a', 'b'], ['a', 'b'])).toMatchObject({ taken: ['a', 'b'], during: ['a again'] });
    expect(await walk(['a', 'a', 'b'], [])).toMatchObject({ orphans: ['a', 'a again', 'b'] });
  });

  it('are nobody to report when their order was dropped for its age', async () => {
    expect(await walk(['a', 'b', 'c'], [], 'b')).toMatchObject({ orphans: ['b', 'c'] });
    expect(await walk(['a', 'b', 'c'], ['a'], 'c')).toMatchObject({ taken: ['a'], orphans: ['c'] });
  });
});

const order = (changes: Partial<OrderRecord> = {}): OrderRecord => ({
  ...{ id: 'o1', key: 'k1', status: 'confirmed', reason: null, lines: 'ps5:1', responseStatus: 201 },
  ...{ deadLettered: false, events: ['order.created', 'order.confirmed'], paid: false, total: null },
  ...changes,
});
const stock = (changes: Partial<NonNullable<StockRecord['decision']>> = {}): StockRecord => ({
  ...{ orderId: 'o1', deducted: 'ps5:1', released: '' },
  decision: { outcome: 'applied', reason: null, lines: 'ps5:1', released: false, held: false, total: null, ...changes },
});
const NONE = { charged: [], refunded: [] };
const CHARGED = { charged: ['1 EUR'], refunded: [] };
const money = (
  outcome: string | null,
  ledger: { charged: string[]; refunded: string[] } = NONE,
  waitsFor: 'charge' | 'refund' | null = null,
) => ({
  ...{ orderId: 'o1', payment: { outcome, reason: null, amount: '1 EUR', waitsFor }, ledger, provider: ledger },
});

describe('the path of an order', () => {
  it('is its statuses, its answer, and what became of its stock', () => {
    const queued = order({ events: ['order.created', 'chaos.marked', 'order.queued'], responseStatus: null });
    expect(pathOf(order(), stock(), undefined)).toBe('pending → confirmed, answered 201, stock taken');
    expect(pathOf(queued, undefined, undefined)).toBe('pending → queued, no answer, stock not asked for');
    expect(movesOf(queued)).toEqual(['pending', 'pending → queued']);
  });

  it.each([
    [stock({ held: true }), 'held'],
    [stock({ released: true }), 'released'],
    [stock({ outcome: 'refused' }), 'refused'],
    [stock({ outcome: 'voided', released: true }), 'voided'],
    [{ ...stock(), decision: undefined }, 'not asked for'],
  ])('tells stock of %o as %s', (record, words) => {
    expect(pathOf(order(), record, undefined).split(', ').at(-1)).toBe(`stock ${words}`);
  });

  it.each([
    [undefined, 'not asked for'],
    [money(null, NONE, 'charge'), 'undecided, waits for its charge'],
    [money('applied', CHARGED), 'charged'],
    [money('voided', CHARGED, 'refund'), 'charged, waits for its refund'],
    [money('applied', { ...CHARGED, refunded: ['1 EUR'] }), 'refunded'],
    [money('refused'), 'refused'],
  ])('tells money of %o as %s, for a paid order only', (record, words) => {
    expect(pathOf(order({ paid: true }), stock(), record)).toBe(
      `${pathOf(order(), stock(), undefined)}, money ${words}`,
    );
  });

  it('must be one that the rules allow (I9); its moves are counted by the kind of order', () => {
    const index = new PathIndex();
    index.add(order(), stock(), undefined, true);
    index.add(order(), stock(), undefined, true);
    index.add(order({ paid: true }), stock(), money('applied', CHARGED), true);
    expect(index.violations.kept).toEqual([]);
    index.add(order({ id: 'wrong' }), undefined, undefined, true);
    expect(index.violations.kept).toMatchObject([{ invariant: 'I9', class: 'misjudged', subject: 'wrong' }]);
    const { moves, paths, allowed } = index.finish();
    expect(moves).toMatchObject({
      ...{ 'on account: pending': 3, 'on account: pending → confirmed': 3, 'paid: pending → confirmed': 1 },
      ...{ 'on account: pending → queued': 0, 'paid: queued → compensating': 0 },
    });
    expect(Object.keys(moves)).toEqual(Object.keys(moves).toSorted());
    expect(paths).toBe(3);
    expect(allowed).toBeGreaterThan(100);
  });

  it('is not judged while something is under way', () => {
    const index = new PathIndex();
    index.add(order(), undefined, undefined, false);
    expect(index.violations.total).toBe(0);
    expect(index.finish()).toMatchObject({ paths: 0, moves: { 'on account: pending → confirmed': 1 } });
  });
});

describe('a list of violations', () => {
  it('counts all of them and keeps the first', () => {
    const list = new ViolationList(2);
    const wrong = (subject: string) => violation('I1', 'drift', subject, 'text');
    list.add(wrong('a'));
    list.add(wrong('b'), wrong('c'));
    list.add();
    expect(list).toMatchObject({ total: 3, kept: [{ subject: 'a' }, { subject: 'b' }] });
    expect(list.kept).toHaveLength(2);
    list.add(wrong('d'));
    expect([list.total, list.kept.length]).toEqual([4, 2]);
  });

  it('has two of the same name when they are about the same rule and subject', () => {
    const names = [violation('I1', 'drift', 'a', 'one'), violation('I1', 'lost', 'a', 'other')].map(violationName);
    expect(names[0]).toBe(names[1]);
    expect(violationName(violation('I2', 'drift', 'a', ''))).not.toBe(names[0]);
    expect(violationName(violation('I1', 'drift', 'b', ''))).not.toBe(names[0]);
  });
});

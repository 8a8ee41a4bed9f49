import type { Logger } from '@valerix/service-kit/logger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Payment } from '../src/decide-payment.ts';
import { Balance } from '../src/reconciliation/balance.ts';
import { differenceOf, type Side } from '../src/reconciliation/difference.ts';
import { FIRST, Reconciliation } from '../src/reconciliation/reconcile.ts';

const side = (transaction_type: Side['transaction_type'], amount_cents = 100, reference = 'a'): Side => ({
  transaction_type,
  amount_cents,
  currency: 'EUR',
  reference,
});

describe('the balance of two sides', () => {
  it('forgets a reference when both sides have said the same, in whatever order they are read', () => {
    const entry = fc.record({
      n: fc.integer({ min: 0, max: 3 }),
      type: fc.constantFrom('charge' as const, 'refund' as const),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), fc.infiniteStream(fc.boolean()), (entries, coin) => {
        const sides = entries.map(({ n, type }) => side(type, 100, `reference ${n}`));
        const [ours, theirs] = [[...sides], [...sides]];
        const balance = new Balance([]);
        while (ours.length + theirs.length > 0) {
          const takesOurs = theirs.length === 0 || (ours.length > 0 && coin.next().value === true);
          balance.add(takesOurs ? 1 : -1, (takesOurs ? ours : theirs).shift() as Side, 0);
        }
        expect(balance.memory).toEqual([]);
      }),
    );
  });

  it('still sees a second charge after the first was looked up before its entry was read', () => {
    const balance = new Balance([]);
    balance.add(-1, side('charge'), 0);
    balance.postpone('a', 10);
    balance.add(1, side('charge'), 20);
    balance.add(-1, side('charge'), 30);
    expect(balance.openSince(30, 10)).toEqual(['a']);
  });

  it('goes on from what was saved', () => {
    const balance = new Balance([]);
    balance.add(1, side('charge'), 5);
    const later = new Balance(balance.memory);
    expect(later.openSince(4, 10)).toEqual([]);
    expect(later.openSince(5, 10)).toEqual(['a']);
    later.add(-1, side('charge'), 6);
    expect(later.memory).toEqual([]);
  });
});

describe('the difference of two sides', () => {
  const payment = { amount_cents: 100, currency: 'EUR' } as Parameters<typeof differenceOf>[0];
  const theirs = (...sides: Side[]) => sides.map((one) => ({ ...one, position: '1.1', created_at: '' }));

  it.each([
    ['a charge that only we have', payment, [side('charge')], [], /^The ledger has charge of 100 EUR; .* nothing\.$/],
    ['a charge that only they have', payment, [], [side('charge')], /^The ledger has nothing; .* charge of 100 EUR\.$/],
    ['another amount', payment, [side('charge')], [side('charge', 1)], /100 EUR; .* 1 EUR/],
    [
      'two charges on both sides',
      payment,
      [side('charge'), side('charge')],
      [side('charge'), side('charge')],
      /more than one charge/,
    ],
    ['what the order did not ask for', payment, [side('charge', 1)], [side('charge', 1)], /asked for 100 EUR/],
    ['money without a payment', undefined, [side('charge')], [side('charge')], /without a payment/],
  ])('names %s', (_what, asked, ours, others, story) => {
    expect(differenceOf(asked, ours, theirs(...others))).toMatch(story);
  });

  it.each([
    ['nothing', []],
    ['a charge', [side('charge')]],
    ['a charge and its refund', [side('charge'), side('refund')]],
  ])('is none for %s on both sides', (_what, sides) => {
    expect(differenceOf(payment, sides, theirs(...sides))).toBeUndefined();
  });
});

describe('a look-up', () => {
  const order_id = '0198c0de-0000-7000-8000-000000000001';
  const money = { amount_cents: 100, currency: 'EUR' };
  const created_at = '2026-01-01T00:00:00.000Z';
  const charged: Payment = {
    order_id,
    ...money,
    outcome: 'applied',
    reason: null,
    token: null,
    waits_for: null,
    created_at,
    decided_at: created_at,
    charged_at: created_at,
    refunded_at: null,
  };
  const booked = (type: Side['transaction_type']) => ({ ...side(type, 100, order_id), position: '1.1', created_at });
  const entry = { position: '1.1', transaction_type: 'charge', order_id, amount_change: 100, currency: 'EUR' } as const;
  const page = { next_cursor: null, settled_to: '1.0', held_back: false };
  const noPayments = {
    goneBefore: async () => '',
    findPayment: async () => undefined,
    readLedger: async () => ({ ...page, items: [] }),
  };
  const silent = { info() {}, error() {} } as unknown as Logger;
  const calm = { logger: silent, graceMs: 0, now: () => new Date(), signal: new AbortController().signal };

  it.each([
    ['is no difference if our side booked it meanwhile', created_at, 0],
    ['is one if our side did not', null, 1],
  ])('a refund that only the books have by then %s', async (_what, refunded_at, differences) => {
    let payment = charged;
    const reconciliation = new Reconciliation(
      {
        ...calm,
        reads: {
          ...noPayments,
          findPayment: async () => payment,
          readLedger: async (query) => ({ ...page, items: query.order_id ? [{ ...entry, created_at }] : [] }),
        },
        provider: {
          find: async () => ({ status: 'charged', ...money }),
          async books(query) {
            if (!('reference' in query)) return [booked('charge')];
            payment = { ...charged, refunded_at };
            return [booked('charge'), booked('refund')];
          },
        },
        bookTold: async () => payment,
      },
      FIRST,
    );
    await reconciliation.round();
    expect(reconciliation.published.differences).toHaveLength(differences);
  });

  it('is repeated for every reported difference in turn, also while the oldest ones remain', async () => {
    const references = Array.from({ length: 120 }, (_, n) => `reference-${n}`);
    const differences = references.map((reference) => ({
      order_id: reference,
      found_at: created_at,
      story: 'it differs',
    }));
    const reconciliation = new Reconciliation(
      {
        ...calm,
        reads: noPayments,
        provider: {
          find: async () => ({ status: 'unknown' }),
          books: async (query) =>
            'reference' in query && references.indexOf(query.reference) < 50
              ? [{ ...side('charge', 100, query.reference), position: '1.1', created_at }]
              : [],
        },
        bookTold: async () => undefined,
      },
      { ...FIRST, differences },
    );
    for (let round = 0; round < 4; round++) await reconciliation.round();
    expect(reconciliation.published.differences.map(({ order_id }) => order_id)).toEqual(references.slice(0, 50));
  });

  it('ends at the stop of the process, however much is left to look up and however slow the provider is', async () => {
    const stopped = new AbortController();
    const differences = Array.from({ length: 20 }, (_, n) => ({
      order_id: `reference-${n}`,
      found_at: created_at,
      story: '',
    }));
    let asked = 0;
    const reconciliation = new Reconciliation(
      {
        ...calm,
        reads: noPayments,
        provider: {
          async find() {
            if (++asked === 2) stopped.abort();
            return { status: 'unknown' };
          },
          books: async () => [],
        },
        bookTold: async () => undefined,
        signal: stopped.signal,
      },
      { ...FIRST, differences },
    );
    await expect(reconciliation.round()).rejects.toThrow(/abort/);
    expect(asked).toBe(2);
  });
});

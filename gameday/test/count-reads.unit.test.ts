import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountReads } from '../src/checker/count-reads.ts';
import type { StreamedOrder } from '../src/checker/database-stream.ts';
import type { KnownTimes } from '../src/checker/read-index.ts';
import type { HistoryLine } from '../src/workload/history.ts';

const NEVER = Number.POSITIVE_INFINITY;
const unknown: KnownTimes = {
  asked: 0,
  cancelAsked: NEVER,
  queued: NEVER,
  confirmed: NEVER,
  failed: NEVER,
  cancelled: NEVER,
  stillQueued: 0,
};
const order: StreamedOrder = {
  ...{
    id: 'a',
    key: 'run-0',
    status: 'confirmed',
    reason: null,
    lines: 'ps5:2',
    responseStatus: 201,
    deadLettered: false,
    paid: false,
    total: null,
  },
  ...{ events: ['order.created', 'order.confirmed'], responseMd5: null },
};
interface Moved {
  units: number;
  known: Partial<KnownTimes>;
  released?: boolean;
}

/** What is found when so many units were brought, and these orders took and gave back some. */
async function judge(
  brought: number,
  moved: Moved[],
  counted: Partial<HistoryLine>[],
  orders: [StreamedOrder, Partial<KnownTimes>][] = [],
) {
  const reads = counted.map((one) => ({ op: -1, f: 'read', type: 'ok', what: 'stock', ...one }) as HistoryLine);
  const checker = new CountReads({ counted: reads, endMs: 40_000 });
  for (const { units, known, released } of moved) {
    const lines = `ps5:${units}`;
    const stock = { orderId: 'a', decision: undefined, deducted: lines, released: released ? lines : '' };
    checker.order(order, stock, { ...unknown, ...known });
  }
  for (const [one, known] of orders) checker.order(one, undefined, { ...unknown, ...known });
  await checker.readBrought(
    { query: async () => ({ rows: [{ item: 'ps5', first: brought, all: brought }] as never[] }) },
    'run',
  );
  return checker.finish().map(({ invariant, class: kind }) => `${invariant} ${kind}`);
}
const shows = (quantity: number, sent: number, t: number, owned = 10): Partial<HistoryLine> => ({
  ...{ sent, t, stock: { ps5: [quantity, owned - quantity] } },
});

describe('a read of stock (R4)', () => {
  const taken = [{ units: 2, known: { asked: 100, confirmed: 200 } }];

  it('shows what the ledger held at some moment of the read', async () => {
    const fits = [shows(10, 50, 60), shows(10, 150, 160), shows(8, 150, 160), shows(8, 300, 310), shows(10, 90, 310)];
    expect(await judge(10, taken, fits)).toEqual([]);
  });

  it('shows neither what was before the read, nor what came after it', async () => {
    expect(await judge(10, taken, [shows(10, 300, 310)])).toEqual(['R4 stale']);
    expect(await judge(10, taken, [shows(8, 50, 60)])).toEqual(['R4 stale']);
  });

  it('may show either while no client knows the outcome', async () => {
    const open = [{ units: 2, known: { asked: 100 } }];
    expect(await judge(10, open, [shows(10, 900, 910), shows(8, 900, 910)])).toEqual([]);
  });

  it('shows the units that a cancellation gave back', async () => {
    const back = [
      { units: 2, known: { asked: 100, confirmed: 200, cancelAsked: 300, cancelled: 400 }, released: true },
    ];
    expect(
      await judge(10, back, [shows(8, 250, 260), shows(8, 350, 360), shows(10, 350, 360), shows(10, 500, 510)]),
    ).toEqual([]);
    expect(await judge(10, back, [shows(10, 250, 260), shows(8, 500, 510)])).toEqual(['R4 stale', 'R4 stale']);
  });

  it('never shows units that no ledger entry brought', async () => {
    expect(await judge(10, [], [shows(10, 50, 60, 11)])).toEqual(['R4 drift']);
  });

  // On the checker's grid of 10 ms nothing is rounded, so it must say exactly what trying every moment says.
  const tick = fc.integer({ min: 1, max: 12 });
  const moves = fc.array(
    fc.record({
      units: fc.integer({ min: 1, max: 3 }),
      at: tick,
      takes: fc.nat(4),
      told: fc.boolean(),
      back: fc.option(tick),
      backTakes: fc.nat(4),
    }),
    { maxLength: 4 },
  );
  it('is accepted exactly when some moment of every change explains it, as trying them all finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        moves,
        tick,
        fc.nat(3),
        fc.integer({ min: 0, max: 12 }),
        async (planned, sent, lasts, quantity) => {
          const spans = planned.map(({ units, at, takes, told, back, backTakes }) => {
            const asked = at;
            const confirmed = told ? at + takes : NEVER;
            const cancelAsked = back === null ? NEVER : at + back;
            return { units, asked, confirmed, cancelAsked, cancelled: cancelAsked + backTakes };
          });
          const moved = spans.map(({ units, ...times }) => ({
            units,
            known: Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time * 10])),
            released: times.cancelAsked < NEVER,
          }));
          const accepted = (await judge(12, moved, [shows(quantity, sent * 10, (sent + lasts) * 10, 12)])).length === 0;
          const moments = Array.from({ length: lasts + 1 }, (_, n) => sent + n);
          const possible = moments.some((moment) => reachable(spans, moment).has(12 - quantity));
          // The checker keeps bounds only: between them it accepts what no sum of whole orders gives.
          if (possible) expect(accepted).toBe(true);
          else if (accepted)
            expect(moments.some((moment) => between(reachable(spans, moment), 12 - quantity))).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

interface Span {
  units: number;
  asked: number;
  confirmed: number;
  cancelAsked: number;
  cancelled: number;
}

/** All sums of units that may be gone at a moment: each order by itself has taken its units or not, and given them back or not. */
function reachable(spans: Span[], moment: number): Set<number> {
  let sums = new Set([0]);
  for (const { units, asked, confirmed, cancelAsked, cancelled } of spans) {
    const held = new Set<number>();
    if (moment <= confirmed || moment >= cancelAsked) held.add(0);
    if (moment >= asked && moment <= cancelled) held.add(units);
    sums = new Set([...sums].flatMap((sum) => [...held].map((more) => sum + more)));
  }
  return sums;
}

const between = (sums: Set<number>, value: number): boolean => Math.min(...sums) <= value && value <= Math.max(...sums);

describe('a read of the queue (R5)', () => {
  const waiting: StreamedOrder = { ...order, events: ['order.created', 'order.queued', 'order.confirmed'] };
  const times = { asked: 10_000, queued: 10_100, stillQueued: 30_000, confirmed: 31_000 };
  const counts = (count: number, sent: number) =>
    judge(0, [], [{ what: 'queue', sent, t: sent + 10, depth: count }], [[waiting, times]]);

  it('counts the orders that waited at some moment of the last seconds', async () => {
    for (const sent of [10_000, 20_000, 33_000]) expect(await counts(1, sent)).toEqual([]);
    for (const sent of [1_000, 12_000, 30_500, 39_000]) expect(await counts(0, sent)).toEqual([]);
  });

  it('counts no more than waited, and not what waited before that', async () => {
    for (const sent of [1_000, 39_000]) expect(await counts(1, sent)).toEqual(['R5 stale']);
    expect(await counts(2, 20_000)).toEqual(['R5 stale']);
  });

  it('may miss an order that no read showed waiting', async () => {
    const seen = { ...times, stillQueued: 0 };
    expect(await judge(0, [], [{ what: 'queue', sent: 20_000, t: 20_010, depth: 0 }], [[waiting, seen]])).toEqual([]);
  });

  it('counts an order that is being undone, from its question until a read shows it failed', async () => {
    const undone: StreamedOrder = {
      ...order,
      ...{ status: 'failed', events: ['order.created', 'order.compensating', 'order.failed'] },
    };
    const found = (sent: number) =>
      judge(0, [], [{ what: 'queue', sent, t: sent + 10, depth: 1 }], [[undone, { asked: 10_000, failed: 12_000 }]]);
    for (const sent of [10_000, 11_000, 16_000]) expect(await found(sent)).toEqual([]);
    for (const sent of [9_000, 18_000]) expect(await found(sent)).toEqual(['R5 stale']);
  });

  it('does not miss an order that waited all the time', async () => {
    expect(await counts(0, 20_000)).toEqual(['R5 stale']);
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { chart, niceCeiling } from '../src/report/chart.ts';
import { bringStock } from '../src/runner/bring-stock.ts';
import { weighEvidence } from '../src/runner/evidence.ts';
import { LatencyHistogram } from '../src/runner/latency-histogram.ts';
import { notRecoveredFrom, recoveries } from '../src/runner/recovery.ts';
import { readMetrics } from '../src/runner/scrape.ts';
import { Tally } from '../src/runner/tally.ts';
import { judge } from '../src/runner/verdict.ts';
import { good } from './support/good-findings.ts';

describe('the verdict', () => {
  const lost = { invariant: 'I7' as const, class: 'lost' as const, subject: 'x', detail: 'y' };
  const missing = { kind: 'breaker-opened' as const, at_least: 1, expected: 'the breaker opened', seen: 0, met: false };

  it.each([
    ['nothing wrong', {}, 'PASS'],
    ['a violation', { violations: [lost] }, 'FAIL'],
    ['a violation without its evidence', { violations: [lost], evidence: [missing] }, 'FAIL'],
    ['no steady state afterwards', { after: { steady_state_met: false, probes: [] } }, 'FAIL'],
    ['missing evidence', { evidence: [missing] }, 'INCONCLUSIVE'],
    ['an incomplete drain', { drained: { complete: false, seconds: 90, open: 3, deadLettered: 0 } }, 'INCONCLUSIVE'],
    ['orders that were due and not sent', { notSent: 3 }, 'INCONCLUSIVE'],
    ['a recovery that nobody saw', { notRecovered: 'down' }, 'INCONCLUSIVE'],
    ['no steady state before', { before: { steady_state_met: false, probes: [] } }, 'INCONCLUSIVE'],
    ['a kill that no process died of', { deathsUnseen: ['it crashes'] }, 'INCONCLUSIVE'],
    ['an interruption', { interrupted: 'SIGINT' }, 'INCONCLUSIVE'],
    ['a failed step', { failedSteps: ['"kill": no'] }, 'INCONCLUSIVE'],
    ['databases that cannot be read', { unchecked: 'gone' }, 'INCONCLUSIVE'],
  ])('with %s: %s', (_, changes, verdict) => {
    expect(judge({ ...good, ...changes }).verdict).toBe(verdict);
  });

  it('should not say that it counted violations which it only found', () => {
    const reasons = (unlisted: number) => judge({ ...good, violations: [lost, lost], unlisted }).reasons;
    expect(reasons(0)).toEqual(['I7 is broken (2 found).']);
    expect(reasons(3)).toEqual(['I7 is broken (2 or more found).']);
  });

  it('should count an order without an answer as no order', () => {
    const tally = new Tally();
    for (const [op, answer] of [{ status: 201 }, { status: 202 }, { status: 422 }].entries()) {
      tally.add({ t: 0, op, f: 'place', type: 'invoke' });
      tally.add({ t: 1, op, f: 'place', type: 'ok', ...answer });
    }
    tally.add({ t: 0, op: 3, f: 'place', type: 'invoke' });
    tally.add({ t: 1, op: 3, f: 'place', type: 'unknown', status: 503 });
    tally.add({ t: 0, op: 4, f: 'place', type: 'invoke' });
    tally.add({ t: 1, op: 4, f: 'place', type: 'fail', status: 404 });
    tally.add({ t: 0, op: 5, f: 'place', type: 'invoke' });
    const sources = {
      faults: [],
      observations: { samples: [], breakerOpened: 0 },
      totals: tally.totals,
    };
    expect(weighEvidence([{ kind: 'orders-placed', at_least: 1 }], sources)).toMatchObject([{ seen: 3 }]);
  });

  it.each([
    ['payments-declined', 'declined', 402],
    ['orders-refused', 'refused', 422],
  ] as const)('should find %s in the database when clients were told 202', (kind, end, status) => {
    const tally = new Tally();
    tally.add({ t: 0, op: 0, f: 'place', type: 'invoke' });
    tally.add({ t: 1, op: 0, f: 'place', type: 'ok', status });
    const ended = { refused: 0, declined: 0, cancelled: 0, [end]: 7 };
    const sources = { faults: [], observations: { breakerOpened: 0 }, totals: tally.totals };
    const seen = (checked?: { recovered: number; ended: typeof ended }) =>
      weighEvidence([{ kind, at_least: 5 }], { ...sources, checked })[0]?.seen;
    expect(seen()).toBe(1);
    expect(seen({ recovered: 0, ended })).toBe(7);
    // The orders were dropped for their age.
    expect(seen({ recovered: 0, ended: { ...ended, [end]: 0 } })).toBe(1);
  });

  it('should count a fault that never fired as no evidence', () => {
    const faults = [
      { name: 'a', kind: 'injected' as const, from: 0, to: 1, fired: 0 },
      { name: 'b', kind: 'target' as const, from: 0, to: 1, fired: 1 },
    ];
    const sources = {
      faults,
      observations: { samples: [], breakerOpened: 0 },
      totals: new Tally().totals,
    };
    const weigh = (kind: never, of?: string) =>
      weighEvidence([{ kind, at_least: 1, ...(of && { of }) }], sources)[0]?.met;
    expect(weigh('every-fault-fired' as never)).toBe(false);
    expect(weigh('fault-fired' as never)).toBe(false);
    expect(weigh('target-acted' as never, 'b')).toBe(true);
  });
});

describe('what is measured', () => {
  it('should give quantiles to within two percent', () => {
    const histogram = new LatencyHistogram();
    for (let ms = 1; ms <= 1_000; ms++) histogram.add(ms);
    expect(histogram.quantile(0.5) / 500).toBeCloseTo(1, 1);
    expect(histogram.quantile(1)).toBe(1_000);
    expect(new LatencyHistogram().quantile(0.99)).toBe(0);
  });

  it('should read metrics by name and label', () => {
    const text = '# HELP a b\na 3\nb_total{x="1",to="open"} 2\nb_total{to="closed"} 9\n';
    expect(readMetrics(text, ['a', 'b_total{to="open"}', 'c'])).toEqual(
      new Map([
        ['a', 3],
        ['b_total{to="open"}', 2],
      ]),
    );
  });

  it('should see the recovery in the first second that is well', () => {
    const tally = new Tally();
    for (let second = 0; second < 10; second++) {
      const t = second * 1_000 + 500;
      tally.add({ t, op: second, f: 'place', type: 'invoke' });
      tally.add({ t, op: second, f: 'place', type: 'ok', status: second < 5 ? 202 : 201, latency: 1, intended: t });
    }
    const samples = Array.from({ length: 20 }, (_, index) => ({ t: index * 500, queueDepth: index < 12 ? 50 : 0 }));
    const fault = { name: 'f', kind: 'target' as const, from: 0, to: 3_000, fired: 1 };
    expect(recoveries([fault], tally.seconds, samples)).toEqual([{ fault: 'f', endedAt: 3_000, seconds: 4 }]);
  });

  it('should not count the time of a later fault as the recovery of an earlier one', () => {
    const tally = new Tally();
    for (let second = 0; second < 12; second++) {
      const t = second * 1_000 + 500;
      tally.add({ t, op: second, f: 'place', type: 'invoke' });
      tally.add({ t, op: second, f: 'place', type: 'ok', status: second < 9 ? 202 : 201, latency: 1, intended: t });
    }
    const fault = (name: string, from: number, to: number) => ({ name, kind: 'target' as const, from, to, fired: 1 });
    expect(recoveries([fault('first', 0, 3_000), fault('second', 5_000, 7_000)], tally.seconds, [])).toEqual([
      { fault: 'first', endedAt: 3_000 },
      { fault: 'second', endedAt: 7_000, seconds: 3 },
    ]);
  });

  it('should miss a recovery only when clients ordered for ten seconds after the last fault', () => {
    const tally = new Tally();
    for (let second = 0; second < 20; second++) {
      const t = second * 1_000 + 500;
      tally.add({ t, op: second, f: 'place', type: 'invoke' });
    }
    // Given up on long after: no time in which clients ordered.
    tally.add({ t: 49_000, op: 19, f: 'place', type: 'unknown', status: 503 });
    const fault = (name: string, to: number) => ({ name, kind: 'target' as const, from: 0, to, fired: 1 });
    const missedWith = (evidence: { kind: 'settled-in-time' }[], ...to: number[]) =>
      notRecoveredFrom(
        recoveries(
          to.map((ms) => fault(`until ${ms}`, ms)),
          tally.seconds,
          [],
        ),
        tally.seconds,
        evidence,
      );
    const missed = (...to: number[]) => missedWith([], ...to);
    expect(missed(3_000, 10_000)).toBe('until 10000');
    expect(missedWith([{ kind: 'settled-in-time' }], 3_000, 10_000)).toBeUndefined();
    expect(missed(3_000, 10_100)).toBeUndefined();
    expect(missed()).toBeUndefined();
    tally.add({ t: 12_600, op: 12, f: 'place', type: 'ok', status: 201 });
    expect(missed(3_000, 10_000)).toBeUndefined();
  });

  it('should round an axis up to a number people like', () => {
    expect([1, 7, 23, 101, 240].map(niceCeiling)).toEqual([1, 10, 25, 200, 250]);
  });

  it('should keep the last label of the time axis inside the chart', () => {
    const options = { title: 't', unit: 's', kind: 'lines', format: String } as const;
    const drawn = String(chart({ ...options, series: [], bands: [], seconds: 120 }));
    expect(drawn).toMatch(/text-anchor="middle">105 s</);
    expect(drawn).toMatch(/text-anchor="end">120 s</);
  });
});

describe('the stock that a run brings', () => {
  it('should grow with the orders of the run, in bookings that the inventory service accepts', async () => {
    const booked: unknown[] = [];
    const server = createServer(async (req, res) => {
      const { restock_id, quantity } = (await json(req)) as { restock_id: string; quantity: number };
      booked.push([req.url, restock_id, quantity]);
      res.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const target = { services: { inventory: { urls: [`http://127.0.0.1:${port}`] } }, operatorToken: 't' } as never;
    const stock = { ps5: 80_000, xbox: 0 };
    await bringStock(target, stock, 30, 'long');
    await bringStock(target, stock, 0.1, 'short');
    server.close();
    expect(booked).toEqual([
      ['/api/inventory/ps5/restock', 'long-ps5-1', 1_000_000],
      ['/api/inventory/ps5/restock', 'long-ps5-2', 1_000_000],
      ['/api/inventory/ps5/restock', 'long-ps5-3', 400_000],
      ['/api/inventory/ps5/restock', 'short-ps5-1', 80_000],
    ]);
  });
});

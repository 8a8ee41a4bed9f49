import { expect, it } from 'vitest';
import { evidenceInWords, weighEvidence } from '../src/runner/evidence.ts';
import { settledInTime } from '../src/runner/settling.ts';
import { Tally } from '../src/runner/tally.ts';

const fault = { name: 'the provider is silent', kind: 'injected' as const, from: 10_000, to: 50_000, fired: 3 };
const order = (placedAt: number, settledAt: number | null) => ({ placedAt, settledAt });

it('gives an order 30 s after it was placed, or after the end of the faults that were active then', () => {
  expect(settledInTime([order(0, 30_000), order(0, 30_001)], [fault])).toBe(50);
  expect(settledInTime([order(20_000, 80_000), order(20_000, 80_001)], [fault])).toBe(50);
  // A fault that begins later gives no more time: an order that waits from fault to fault is late.
  expect(settledInTime([order(9_000, 40_000)], [fault])).toBe(0);
  expect(settledInTime([order(0, null)], [])).toBe(0);
});

it('is evidence in percent, and missing when nothing was read', () => {
  const evidence = { kind: 'settled-in-time' as const, at_least: 99 };
  const sources = {
    faults: [],
    observations: { samples: [], breakerOpened: 0 },
    totals: new Tally().totals,
  };
  expect(evidenceInWords(evidence)).toMatch(/^at least 99 % of the orders were settled within 30 s/);
  expect(weighEvidence([evidence], { ...sources, settledInTime: 99.1 })[0]?.met).toBe(true);
  expect(weighEvidence([evidence], { ...sources, settledInTime: 98.9 })[0]?.met).toBe(false);
  expect(weighEvidence([evidence], sources)[0]?.met).toBe(false);
});

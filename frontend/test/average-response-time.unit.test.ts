import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AVERAGE_WINDOW_MS,
  averageResponseTimeMs,
  CRITICAL_ABOVE_MS,
  responseTimeLevel,
  SLOW_ABOVE_MS,
} from '../src/live/average-response-time.ts';

const NOW = 1_000_000;
const increase = fc.record({
  at_ms: fc.integer({ min: NOW - 2 * AVERAGE_WINDOW_MS, max: NOW }),
  count: fc.integer({ min: 0, max: 1000 }),
  sum_seconds: fc.double({ min: 0, max: 1000, noNaN: true }),
});

describe('the 30 s average response time', () => {
  it('is the total time divided by the number of requests', () => {
    const increases = [
      { at_ms: NOW - 1000, count: 3, sum_seconds: 0.3 },
      { at_ms: NOW, count: 1, sum_seconds: 0.9 },
    ];
    expect(averageResponseTimeMs(increases, NOW)).toBeCloseTo(300);
  });

  it('is unknown while no request has ended', () => {
    expect(averageResponseTimeMs([], NOW)).toBeNull();
    expect(averageResponseTimeMs([{ at_ms: NOW, count: 0, sum_seconds: 0 }], NOW)).toBeNull();
  });

  it('forgets requests older than 30 s, to the second', () => {
    const old = { at_ms: NOW - AVERAGE_WINDOW_MS, count: 10, sum_seconds: 100 };
    expect(averageResponseTimeMs([old], NOW)).toBeNull();
    expect(averageResponseTimeMs([{ ...old, at_ms: old.at_ms + 1 }], NOW)).toBeCloseTo(10_000);
  });

  it('does not depend on the split into scrapes or replicas', () => {
    fc.assert(
      fc.property(fc.array(increase, { maxLength: 40 }), (increases) => {
        const halves = increases.flatMap((one) => [
          { ...one, count: Math.floor(one.count / 2), sum_seconds: one.sum_seconds / 2 },
          { ...one, count: Math.ceil(one.count / 2), sum_seconds: one.sum_seconds / 2 },
        ]);
        const whole = averageResponseTimeMs(increases, NOW);
        const cut = averageResponseTimeMs(halves.reverse(), NOW);
        if (whole === null) expect(cut).toBeNull();
        else expect(cut).toBeCloseTo(whole, 3);
      }),
    );
  });

  it('lies between the fastest and the slowest scrape', () => {
    fc.assert(
      fc.property(fc.array(increase, { minLength: 1, maxLength: 40 }), (increases) => {
        const inWindow = increases.filter((one) => one.at_ms > NOW - AVERAGE_WINDOW_MS);
        const average = averageResponseTimeMs(increases, NOW);
        if (average === null || inWindow.some((one) => one.count === 0)) return;
        const each = inWindow.map((one) => (one.sum_seconds / one.count) * 1000);
        expect(average).toBeGreaterThanOrEqual(Math.min(...each) - 1e-6);
        expect(average).toBeLessThanOrEqual(Math.max(...each) + 1e-6);
      }),
    );
  });
});

describe('the colour of the tile', () => {
  it('changes above the limits, not at them', () => {
    expect(responseTimeLevel(null)).toBe('unknown');
    expect(responseTimeLevel(SLOW_ABOVE_MS)).toBe('ok');
    expect(responseTimeLevel(SLOW_ABOVE_MS + 0.1)).toBe('slow');
    expect(responseTimeLevel(CRITICAL_ABOVE_MS)).toBe('slow');
    expect(responseTimeLevel(CRITICAL_ABOVE_MS + 0.1)).toBe('critical');
  });
});

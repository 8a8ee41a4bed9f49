import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaOf, lineOf, stackedOn, ticksOf } from '../src/ui/chart-paths.ts';

const SCALE = { from: 0, to: 10, top: 10 };

describe('a line of a chart', () => {
  it('has gaps where nothing is known, and of a flat part its ends only', () => {
    expect(lineOf(SCALE, [0, 1, 2, 3, 4, 5, 6], [0, 10, 10, 10, null, null, 5])).toBe('M0 1000L100 0L300 0M600 500');
    expect(lineOf(SCALE, [0, 1], [null, null])).toBe('');
  });

  it('is short however long nothing changes', () => {
    const times = Array.from({ length: 600 }, (_, t) => t);
    expect(
      lineOf(
        { ...SCALE, to: 600 },
        times,
        times.map(() => 0),
      ),
    ).toBe('M0 1000L998.3 1000');
  });
});

describe('stacked areas', () => {
  it('stand on each other, and end where a part is unknown', () => {
    const parts = stackedOn([
      [1, 2, null],
      [3, null, 4],
    ]);
    expect(parts).toEqual([
      [1, 2, null],
      [4, null, null],
    ]);
    expect(areaOf(SCALE, [0, 10, 20], parts[0] ?? [], null)).toBe('M0 900L1000 800L1000 1000L0 1000Z');
  });
});

it('the marks of an axis are few, round, begin at zero, and stay in view', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.5, max: 1e9, noNaN: true }), (top) => {
      const ticks = ticksOf(top);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(5);
      expect(ticks[0]).toBe(0);
      expect(ticks.at(-1)).toBeLessThanOrEqual(top);
    }),
  );
});

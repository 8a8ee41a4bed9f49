import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestRank, percentile, percentilesOf } from '../src/percentile.ts';

const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);

describe('a percentile by nearest rank', () => {
  it('is one of the values: enough of them do not exceed it, and one rank lower would be too few', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true }), { minLength: 1 }),
        fc.integer({ min: 1, max: 1000 }),
        (values, perMille) => {
          const found = percentile(values, perMille / 1000) as number;
          const wanted = (values.length * perMille) / 1000;
          expect(values).toContainEqual(found);
          expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(wanted);
          expect(values.filter((value) => value < found).length).toBeLessThan(wanted);
        },
      ),
    );
  });

  it('does not change with the order of the values, and leaves them as they are', () => {
    const values = [5, 1, 3, 10];
    expect(percentile(values, 0.5)).toBe(3);
    expect(percentile(values.toReversed(), 0.5)).toBe(3);
    expect(values).toEqual([5, 1, 3, 10]);
  });

  it('has the whole shares of a hundred values, whatever a binary fraction makes of them', () => {
    for (let n = 1; n <= 100; n++) expect(percentile(hundred, n / 100)).toBe(n);
    expect([0, 1].map(percentilesOf(hundred))).toEqual([1, 100]);
  });

  it('is undefined without values', () => {
    expect(percentile([], 0.5)).toBeUndefined();
    expect(nearestRank(0, 0.5)).toBe(1);
  });
});

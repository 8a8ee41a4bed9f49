import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createOrderLimit, MIN_LIMIT, nextLimit } from '../src/order-limit.ts';

const options = { max: 2_000, targetMs: 100 };
const limits = fc.integer({ min: MIN_LIMIT, max: options.max });
const counts = fc.integer({ min: 0, max: options.max });

it('keeps the limit between its bounds, lowers it while orders wait too long, and raises it otherwise', () => {
  fc.assert(
    fc.property(limits, counts, fc.double({ min: 0, max: 60_000, noNaN: true }), (limit, inProgress, leastDelayMs) => {
      const next = nextLimit({ limit, inProgress, leastDelayMs }, options);
      expect(next).toBeGreaterThanOrEqual(MIN_LIMIT);
      expect(next).toBeLessThanOrEqual(options.max);
      if (leastDelayMs > options.targetMs) expect(next).toBeLessThanOrEqual(limit);
      else expect(next).toBeGreaterThanOrEqual(limit);
    }),
  );
});

it('holds the delay near its target under any overload, and leaves no capacity unused', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 20_000 }),
      fc.double({ min: 1.2, max: 10, noNaN: true }),
      (perSecond, overload) => {
        const limit = createOrderLimit(options);
        const capacity = perSecond / 100;
        let inProgress = 0;
        let served = 0;
        let longestMs = 0;
        // Steps of 10 ms; the first two seconds are for finding the limit.
        for (let step = 0; step < 800; step++) {
          inProgress = Math.min(limit.current, inProgress + Math.round(capacity * overload));
          const done = Math.min(inProgress, capacity);
          inProgress = Math.max(inProgress, 0) - done;
          const delayMs = (inProgress / capacity) * 10;
          limit.observe(delayMs, Math.round(inProgress), step * 10);
          if (step < 200) continue;
          served += done;
          longestMs = Math.max(longestMs, delayMs);
        }
        expect(served / (600 * capacity)).toBeGreaterThan(0.8);
        expect(longestMs).toBeLessThan(Math.max(3 * options.targetMs, (MIN_LIMIT / capacity) * 10));
      },
    ),
  );
});

it('takes a burst that passes within a window for no queue', () => {
  const limit = createOrderLimit(options);
  // The first orders of a burst wait for nobody; the last wait longest.
  for (let n = 0; n < 200; n++) limit.observe(n, 1_000 - n, n / 2);
  limit.observe(1, 10, 2_000);
  expect([limit.current, limit.queueing]).toEqual([options.max, false]);
});

it('takes a slow database with few orders for no queue', () => {
  const limit = createOrderLimit(options);
  for (let n = 0; n < 50; n++) limit.observe(1_500, 20, n * 200);
  expect([limit.current, limit.queueing]).toEqual([MIN_LIMIT, false]);
});

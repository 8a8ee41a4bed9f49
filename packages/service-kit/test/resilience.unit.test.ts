import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fullJitterMs, pause } from '../src/backoff.ts';
import { deadlineIn } from '../src/deadline.ts';
import { RetryBudget } from '../src/retry-budget.ts';

it('full jitter stays between zero and the exponential ceiling, and reaches both ends', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
      const wait = fullJitterMs(attempt, 100, 5_000, () => random);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(Math.min(5_000, 100 * 2 ** (attempt - 1)));
    }),
  );
  expect(fullJitterMs(3, 100, 5_000, () => 0)).toBe(0);
  expect(fullJitterMs(3, 100, 5_000, () => 0.9999)).toBe(400);
});

const BUDGET = { ratio: 0.1, minPerSecond: 100, capacity: 200 };

it('a busy caller may retry one call in ten, and 100 a second beside', () => {
  let now = 0;
  const budget = new RetryBudget({ ...BUDGET, nowMs: () => now });
  while (budget.takeRetry());
  let sent = 0;
  for (let call = 0; call < 10_000; call++) {
    now += 1;
    budget.call();
    while (budget.takeRetry()) sent++;
  }
  // 10,000 calls in 10 s: a tenth of them, and ten times the floor.
  expect(Math.abs(sent - 2_000)).toBeLessThanOrEqual(1);
});

it('a caller that was quiet for a day may retry no more at once than the bucket holds', () => {
  let now = 0;
  const budget = new RetryBudget({ ...BUDGET, nowMs: () => now });
  now = 86_400_000;
  let sent = 0;
  while (budget.takeRetry()) sent++;
  expect(sent).toBe(200);
  now += 10;
  expect([budget.takeRetry(), budget.takeRetry()]).toEqual([true, false]);
});

it('retries never exceed a full bucket, a tenth of the calls and the floor', () => {
  const steps = fc.array(fc.record({ waitMs: fc.nat(50), calls: fc.nat(5), wanted: fc.nat(20) }));
  fc.assert(
    fc.property(steps, (trace) => {
      let [now, calls, sent] = [0, 0, 0];
      const budget = new RetryBudget({ ...BUDGET, nowMs: () => now });
      for (const step of trace) {
        now += step.waitMs;
        for (let n = 0; n < step.calls; n++) budget.call();
        calls += step.calls;
        for (let n = 0; n < step.wanted; n++) if (budget.takeRetry()) sent++;
        expect(sent).toBeLessThanOrEqual(200 + 0.1 * calls + 0.1 * now + 1e-6);
      }
    }),
  );
});

it('by the clock of the process, an empty bucket stays empty where time adds nothing', () => {
  const budget = new RetryBudget({ ratio: 1, minPerSecond: 0, capacity: 1 });
  expect([budget.takeRetry(), budget.takeRetry()]).toEqual([true, false]);
  budget.call();
  expect(budget.takeRetry()).toBe(true);
});

it('a pause ends early when its signal aborts', async () => {
  const controller = new AbortController();
  const paused = pause(60_000, controller.signal);
  controller.abort();
  await paused;
  await pause(60_000, controller.signal);
});

it('a deadline that has passed has nothing left', () => {
  expect(deadlineIn(0).remainingMs()).toBeLessThanOrEqual(0);
  expect(deadlineIn(1_000).remainingMs()).toBeGreaterThan(500);
});

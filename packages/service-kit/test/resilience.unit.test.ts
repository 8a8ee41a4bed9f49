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

it('the budget stops retries when about half of the calls fail, and allows them again after successes', () => {
  const budget = new RetryBudget({ capacity: 10, refill: 1 });
  expect(budget.allowsRetry).toBe(true);
  for (let i = 0; i < 5; i++) budget.failure();
  expect(budget.allowsRetry).toBe(false);
  budget.success();
  expect(budget.allowsRetry).toBe(true);
});

it('the budget never leaves its bounds', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), (results) => {
      const budget = new RetryBudget({ capacity: 10, refill: 1 });
      for (const ok of results) ok ? budget.success() : budget.failure();
      expect(budget.tokens).toBeGreaterThanOrEqual(0);
      expect(budget.tokens).toBeLessThanOrEqual(10);
    }),
  );
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

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { leaseFor } from '../../src/chaos/lease.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a lease ends by itself, once, and lets go of what it held', () => {
  const onEnd = vi.fn();
  const lease = leaseFor(1_000, onEnd);
  vi.advanceTimersByTime(999);
  expect([lease.over, lease.ended.aborted]).toEqual([false, false]);
  vi.advanceTimersByTime(1);
  expect([lease.over, lease.ended.aborted, lease.remainingMs()]).toEqual([true, true, 0]);
  lease.end();
  expect(onEnd).toHaveBeenCalledTimes(1);
});

it('it is over when the clock says so, though the timer of a blocked process comes late', () => {
  let clock = 0;
  const lease = leaseFor(
    1_000,
    () => {},
    () => clock,
  );
  clock = 1_001;
  expect(lease.over).toBe(true);
  expect(lease.ended.aborted).toBe(false);
});

it('setting the wall clock changes nothing', () => {
  const lease = leaseFor(1_000);
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(1_000);
  expect(lease.over).toBe(true);
});

it('it can be ended before its time', () => {
  const lease = leaseFor(60_000);
  lease.end();
  expect([lease.over, lease.ended.aborted, vi.getTimerCount()]).toEqual([true, true, 0]);
});

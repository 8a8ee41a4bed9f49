import { expect, it, vi } from 'vitest';
import { shared } from '../src/shared.ts';

it('runs once for all who ask while it runs, and again for the next', async () => {
  let runs = 0;
  const { read } = shared(0, async () => ++runs);
  expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
  expect(await read()).toBe(2);
});

it('keeps a result for as long as it was told, and until it is told to forget', async () => {
  vi.useFakeTimers();
  try {
    let runs = 0;
    const { read, forget } = shared(1_000, async () => ++runs);
    expect(await read()).toBe(1);
    await vi.advanceTimersByTimeAsync(999);
    expect(await read()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await read()).toBe(2);
    forget();
    expect(await read()).toBe(3);
    // The end of an older result's time does not end the newer one.
    await vi.advanceTimersByTimeAsync(999);
    expect(await read()).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});

it('keeps no failure', async () => {
  let runs = 0;
  const { read } = shared(60_000, async () => {
    if (++runs === 1) throw new Error('away');
    return runs;
  });
  const both = await Promise.allSettled([read(), read()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await read()).toBe(2);
});

import { expect, it } from 'vitest';
import { leaseFor } from '../../src/chaos/lease.ts';
import { createStandstill } from '../../src/chaos/standstill.ts';

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

it('the event loop is blocked while the process stands still', async () => {
  let ticked = false;
  setTimeout(() => {
    ticked = true;
  }, 5);
  const start = performance.now();
  const standing = createStandstill().begin(60, leaseFor(60_000));
  expect(performance.now() - start).toBeGreaterThanOrEqual(59);
  expect(ticked).toBe(false);
  await standing;
});

it('fifty hangs at once cost the time of one', async () => {
  const standstill = createStandstill();
  const hangs = () => Promise.all(Array.from({ length: 50 }, () => standstill.begin(400, leaseFor(60_000))));
  const tookMs = await timed(hangs);
  expect(tookMs).toBeGreaterThan(399);
  // One after another they take 20 s.
  expect(tookMs).toBeLessThan(5_000);
  expect(standstill.underWay).toBeUndefined();
});

it('a hang ends with its lease', async () => {
  expect(await timed(() => createStandstill().begin(60_000, leaseFor(300)))).toBeLessThan(5_000);
});

it('a hang ends when the process is told, because it hears between two slices', async () => {
  const lease = leaseFor(60_000);
  setTimeout(() => lease.end(), 1);
  expect(await timed(() => createStandstill().begin(60_000, lease))).toBeLessThan(5_000);
});

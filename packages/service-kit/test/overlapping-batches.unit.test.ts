import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OverlappingBatches } from '../src/overlapping-batches.ts';

const never = new Promise<never>(() => {});
const finish = async () => {};
const isDone = (done: boolean) => done;

it('begins the next batch when half of one is over and something was done, whatever the others wait for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(20), fc.nat(20), fc.nat(20), async (done, late, waiting) => {
      fc.pre(done + late + waiting > 0);
      const batches = new OverlappingBatches(1_000);
      const items = [...Array(done).fill(true), ...Array(late).fill(false), ...Array(waiting).fill(undefined)];
      const work = async (item: boolean | undefined) => item ?? never;
      const next = batches.start({ items, work, isDone, finish });
      const told = await Promise.race([next, afterTurn('waits')]);
      if (done > 0 && waiting <= items.length / 2) expect(told).toBeGreaterThan(0);
      else expect(told).toBe(waiting === 0 ? 0 : 'waits');
    }),
  );
});

it('makes room for a batch only while at most half of the places are taken, and tells how many are free', async () => {
  const batches = new OverlappingBatches(10);
  const open = Promise.withResolvers<boolean>();
  const work = (n: number) => (n < 5 ? open.promise : Promise.resolve(true));
  await batches.start({ items: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], work, isDone, finish });
  expect(await batches.room()).toBe(5);
  void batches.start({ items: [4], work, isDone, finish });
  expect(await Promise.race([batches.room(), afterTurn('full')])).toBe('full');
  open.resolve(true);
  expect(await batches.room()).toBe(10);
});

it('finishes each batch with every result, and says when all are finished', async () => {
  const batches = new OverlappingBatches(10);
  const open = Promise.withResolvers<boolean>();
  const seen: string[] = [];
  const work = async (n: number) => (n === 0 ? open.promise : n > 1 ? Promise.reject(new Error('no')) : true);
  const next = await batches.start({
    items: [0, 1, 2],
    work,
    isDone,
    finish: async (results) => void seen.push(...results.map(({ status }) => status)),
  });
  expect([next, seen]).toEqual([1, []]);
  const finished = batches.finished();
  open.resolve(true);
  await finished;
  expect(seen).toEqual(['fulfilled', 'fulfilled', 'rejected']);
});

const afterTurn = <T>(value: T) => new Promise<T>((resolve) => setImmediate(resolve, value));

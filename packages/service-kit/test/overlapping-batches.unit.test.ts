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
      const next = batches.begin({ claim: async () => items, work, isDone, finish });
      const told = await Promise.race([next, afterTurn('waits')]);
      if (done > 0 && waiting <= items.length / 2) expect(told).toBeGreaterThan(0);
      else expect(told).toBe(waiting === 0 ? 0 : 'waits');
    }),
  );
});

it('claims only while at most half of the places are taken, one batch at a time, and no more than are free', async () => {
  const batches = new OverlappingBatches(10);
  const open = Promise.withResolvers<boolean>();
  const claims: number[] = [];
  const claim = async (free: number) => {
    claims.push(free);
    await afterTurn(undefined);
    return Array.from({ length: Math.min(free, 4) }, () => open.promise);
  };
  const work = (item: Promise<boolean>) => item;
  const two = [batches.begin({ claim, work, isDone, finish }), batches.begin({ claim, work, isDone, finish })];
  const third = batches.begin({ claim, work, isDone, finish });
  await expect.poll(() => claims).toEqual([10, 6]);
  expect(await Promise.race([third, ...two, afterTurn('full')])).toBe('full');
  expect(claims).toHaveLength(2);
  open.resolve(true);
  await Promise.all([third, ...two]);
  await batches.finished();
  expect(claims).toHaveLength(3);
});

it('goes on after a claim that failed, and begins no batch without items', async () => {
  const batches = new OverlappingBatches(10);
  const nothing = { work: async () => true, isDone, finish: () => Promise.reject(new Error('no batch')) };
  const failing = batches.begin({ claim: () => Promise.reject(new Error('away')), ...nothing });
  await expect(failing).rejects.toThrow('away');
  expect(await batches.begin({ claim: async () => [], ...nothing })).toBe(0);
});

it('finishes each batch with every result, and says when all are finished', async () => {
  const batches = new OverlappingBatches(10);
  const open = Promise.withResolvers<boolean>();
  const seen: string[] = [];
  const work = async (n: number) => (n === 0 ? open.promise : n > 1 ? Promise.reject(new Error('no')) : true);
  const next = await batches.begin({
    claim: async () => [0, 1, 2],
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

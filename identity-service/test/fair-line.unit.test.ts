import { expect, it } from 'vitest';
import { FairLine, LineFull } from '../src/fair-line.ts';

const line = () => new FairLine({ atOnce: 1, maxWaiting: 4, maxWaitingPerKey: 3 });

it('one caller with much work delays another by one of its works', async () => {
  const fair = line();
  const done: string[] = [];
  const work = (name: string) => fair.run(name[0] as string, async () => void done.push(name));
  await Promise.all([work('a1'), work('a2'), work('a3'), work('a4'), work('b1')]);
  expect(done).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
});

it('runs no more at once than it may, and goes on after a failure', async () => {
  const fair = new FairLine({ atOnce: 2, maxWaiting: 10, maxWaitingPerKey: 10 });
  let running = 0;
  let most = 0;
  const work = (fails: boolean) =>
    fair.run('a', async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      if (fails) throw new Error('failed');
    });
  const all = await Promise.allSettled([true, false, true, false, true, false].map(work));
  expect(all.map(({ status }) => status)).toEqual(Array(3).fill(['rejected', 'fulfilled']).flat());
  expect([most, running]).toEqual([2, 0]);
});

it('refuses what does not fit, of one caller and of all, and has room again later', async () => {
  const fair = line();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const works = [1, 2, 3, 4].map(() => fair.run('a', () => opened));
  await expect(fair.run('a', () => opened)).rejects.toThrow(LineFull);
  works.push(fair.run('b', () => opened));
  await expect(fair.run('c', () => opened)).rejects.toThrow(LineFull);
  open();
  await Promise.all(works);
  await fair.run('a', async () => {});
});

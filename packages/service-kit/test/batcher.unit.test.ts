import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { BatcherFull, createBatcher, NotRun } from '../src/batcher.ts';

it('what arrives while a batch runs becomes the next batch, and everybody gets their own result', async () => {
  const batches: number[][] = [];
  const batcher = createBatcher<number, number>({
    maxBatch: 100,
    maxWaiting: 100,
    async run(items) {
      batches.push(items);
      await sleep(5);
      return items.map((item) => item * 10);
    },
  });
  const first = batcher.submit(1);
  await sleep(1);
  const rest = [2, 3, 4].map((item) => batcher.submit(item));
  expect(await Promise.all([first, ...rest])).toEqual([10, 20, 30, 40]);
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

it('a batch is never larger than its limit', async () => {
  const sizes: number[] = [];
  const batcher = createBatcher<number, number>({
    maxBatch: 4,
    maxWaiting: 100,
    run: async (items) => items,
    onBatch: (size) => sizes.push(size),
  });
  await Promise.all(Array.from({ length: 10 }, (_, i) => batcher.submit(i)));
  expect(sizes).toEqual([4, 4, 2]);
});

it('more than may wait is refused at once (I13)', async () => {
  const batcher = createBatcher<number, number>({ maxBatch: 1, maxWaiting: 2, run: async (items) => items });
  const taken = [batcher.submit(1), batcher.submit(2)];
  await expect(batcher.submit(3)).rejects.toThrow(BatcherFull);
  expect(await Promise.all(taken)).toEqual([1, 2]);
});

it('an item that spoils its batch fails alone', async () => {
  const batcher = createBatcher<string, string>({
    maxBatch: 10,
    maxWaiting: 10,
    isItemError: () => true,
    async run(items) {
      if (items.includes('bad')) throw new Error('bad item');
      return items;
    },
  });
  const results = await Promise.allSettled(['a', 'bad', 'c'].map((item) => batcher.submit(item)));
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('an error that no item caused reaches everybody once, without a second run', async () => {
  let runs = 0;
  const batcher = createBatcher<string, string>({
    maxBatch: 10,
    maxWaiting: 10,
    isItemError: () => false,
    async run() {
      runs++;
      throw new Error('database down');
    },
  });
  const results = await Promise.allSettled(['a', 'b'].map((item) => batcher.submit(item)));
  expect(results.every((result) => result.status === 'rejected')).toBe(true);
  expect(runs).toBe(1);
  await expect(batcher.submit('c')).rejects.toThrow('database down');
});

it('items that waited for long behind a failed batch fail with it, and later ones are run', async () => {
  const running = [Promise.withResolvers<string[]>(), Promise.withResolvers<string[]>()];
  const batches: string[][] = [];
  const batcher = createBatcher<string, string>({
    maxBatch: 10,
    maxWaiting: 10,
    run(items) {
      batches.push(items);
      return running[batches.length - 1]?.promise ?? Promise.reject(new Error('a third batch'));
    },
  });
  const now = vi.spyOn(performance, 'now').mockReturnValue(0);
  const hung = batcher.submit('hung');
  await vi.waitFor(() => expect(batches).toHaveLength(1));
  const behind = batcher.submit('behind');
  now.mockReturnValue(2_000);
  const recent = batcher.submit('recent');
  now.mockReturnValue(2_500);
  running[0]?.reject(new Error('silent'));
  await expect(hung).rejects.toThrow('silent');
  await expect(behind).rejects.toThrow(NotRun);
  await vi.waitFor(() => expect(batches[1]).toEqual(['recent']));
  running[1]?.resolve(['done']);
  expect(await recent).toBe('done');
  now.mockRestore();
});

it('a failure that no item caused ends a batch that is run item by item', async () => {
  const ran: string[] = [];
  const batcher = createBatcher<string, string>({
    maxBatch: 10,
    maxWaiting: 10,
    isItemError: (error) => (error as Error).message === 'bad item',
    async run(items) {
      ran.push(items.join(' '));
      throw new Error(items.includes('b') && items.length === 1 ? 'silent' : 'bad item');
    },
  });
  const results = await Promise.allSettled(['a', 'b', 'c'].map((item) => batcher.submit(item)));
  expect(results.map((result) => result.status === 'rejected' && result.reason.message)).toEqual([
    'bad item',
    'silent',
    'the work before this failed',
  ]);
  expect(ran).toEqual(['a b c', 'a', 'b']);
});

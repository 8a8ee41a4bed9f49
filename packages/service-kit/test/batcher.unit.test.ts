import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
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
  await vi.waitFor(() => expect(batches).toHaveLength(1), 15_000);
  const behind = batcher.submit('behind');
  now.mockReturnValue(2_000);
  const recent = batcher.submit('recent');
  now.mockReturnValue(2_500);
  running[0]?.reject(new Error('silent'));
  await expect(hung).rejects.toThrow('silent');
  await expect(behind).rejects.toThrow(NotRun);
  await vi.waitFor(() => expect(batches[1]).toEqual(['recent']), 15_000);
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

const echo = { maxBatch: 10, maxWaiting: 10, run: async (items: string[]) => items };

it('tells how many items wait', async () => {
  const batcher = createBatcher<string, string>(echo);
  const taken = [batcher.submit('a'), batcher.submit('b')];
  expect(batcher.waiting).toBe(2);
  await Promise.all(taken);
  expect(batcher.waiting).toBe(0);
});

it('an item that comes when the work is done is run as well', async () => {
  const batcher = createBatcher<string, string>(echo);
  expect(await batcher.submit('a')).toBe('a');
  await sleep(1);
  expect(await batcher.submit('b')).toBe('b');
});

it('one batch runs at a time: what comes meanwhile waits for its end', async () => {
  const batches: string[][] = [];
  const first = Promise.withResolvers<void>();
  const batcher = createBatcher<string, string>({
    ...echo,
    async run(items) {
      batches.push(items);
      if (batches.length === 1) await first.promise;
      return items;
    },
  });
  const taken = [batcher.submit('a'), batcher.submit('b')];
  await vi.waitFor(() => expect(batches).toEqual([['a', 'b']]), 15_000);
  taken.push(batcher.submit('c'));
  // Time enough for a second batch to begin.
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  expect([batches.length, batcher.waiting]).toEqual([1, 1]);
  first.resolve();
  expect(await Promise.all(taken)).toEqual(['a', 'b', 'c']);
  expect(batches).toEqual([['a', 'b'], ['c']]);
});

it('an error of a lone item is its own: it is run once, and what waits behind it is not given up', async () => {
  const ran: string[] = [];
  const batcher = createBatcher<string, string>({
    ...{ maxBatch: 1, maxWaiting: 10, isItemError: () => true },
    async run([item = '']) {
      ran.push(item);
      if (item === 'bad') throw new Error('bad item');
      return [item];
    },
  });
  const now = vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValueOnce(0).mockReturnValue(10_000);
  const results = await Promise.allSettled(['bad', 'good'].map((item) => batcher.submit(item)));
  now.mockRestore();
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(ran).toEqual(['bad', 'good']);
});

it('the items of a spoilt batch are run alone, each with its own result', async () => {
  const sizes: number[] = [];
  const batcher = createBatcher<string, string>({
    ...{ maxBatch: 10, maxWaiting: 10, isItemError: () => true, onBatch: (size) => sizes.push(size) },
    async run(items) {
      if (items.length > 1) throw new Error('one of them');
      return items.map((item) => item.toUpperCase());
    },
  });
  expect(await Promise.all(['a', 'b', 'c'].map((item) => batcher.submit(item)))).toEqual(['A', 'B', 'C']);
  expect(sizes).toEqual([3, 1, 1, 1]);
});

it('an item that waited for exactly the patience is still run; one that waited longer is told why it is not', async () => {
  const silent = new Error('silent');
  const ran: string[][] = [];
  const batcher = createBatcher<string, string>({
    ...echo,
    async run(items) {
      ran.push(items);
      if (ran.length > 1) return items;
      now.mockReturnValue(1_000);
      late = batcher.submit('late');
      now.mockReturnValue(1_001);
      patient = batcher.submit('patient');
      now.mockReturnValue(2_001);
      throw silent;
    },
  });
  let [late, patient]: (Promise<string> | undefined)[] = [];
  const now = vi.spyOn(performance, 'now').mockReturnValue(0);
  await expect(batcher.submit('first')).rejects.toBe(silent);
  await expect(late).rejects.toMatchObject({ name: 'NotRun', code: 'ETIMEDOUT', cause: silent });
  expect(await patient).toBe('patient');
  now.mockRestore();
});

it('the caller may say with which error an item is not run', async () => {
  const batcher = createBatcher<string, string>({
    ...{ maxBatch: 10, maxWaiting: 10, isItemError: (error) => error === 'one of them' },
    notRun: (cause) => new Error(`not run: ${cause}`),
    run: async (items) => Promise.reject(items.length > 1 ? 'one of them' : 'silent'),
  });
  const results = await Promise.allSettled(['a', 'b', 'c'].map((item) => batcher.submit(item)));
  const notRun = { reason: { message: 'not run: silent' } };
  expect(results).toMatchObject([{ reason: 'silent' }, notRun, notRun]);
});

it('without a word for errors of one item, nothing is run twice', async () => {
  const run = vi.fn(async () => Promise.reject(new Error('silent')));
  const batcher = createBatcher<string, string>({ maxBatch: 10, maxWaiting: 10, run });
  await Promise.allSettled([batcher.submit('a'), batcher.submit('b')]);
  expect(run).toHaveBeenCalledTimes(1);
});

it('a full batcher says so by name, and takes items again when there is room', async () => {
  const batcher = createBatcher<string, string>({ ...echo, maxWaiting: 1 });
  const taken = batcher.submit('a');
  await expect(batcher.submit('b')).rejects.toMatchObject({ name: 'BatcherFull' });
  await taken;
  expect(await batcher.submit('c')).toBe('c');
});

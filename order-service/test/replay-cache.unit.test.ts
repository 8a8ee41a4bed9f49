import type { Redis } from '@valerix/service-kit/redis';
import { beforeEach, expect, it, vi } from 'vitest';
import { createReplayCache, type Replay, type ReplayCacheOptions } from '../src/idempotency.ts';

const EPOCH = { name: 'epoch-1', secret: 'secret-1' };
const replay: Replay = { fingerprint: 'f1', order_id: 'o1', status: 201, body: '{"a": 1}\n\n{"b" :2} ' };
const { fingerprint: _, ...answer } = replay;

/** What Redis does for the cache, and what it was asked. */
function fakeRedis() {
  const values = new Map<string, string>();
  const reads: string[][] = [];
  const writes: { names: string[]; ttlSeconds: number }[] = [];
  return {
    values,
    reads,
    writes,
    async mget(names: string[]) {
      reads.push(names);
      return names.map((name) => values.get(name) ?? null);
    },
    async eval(_script: string, count: number, ...args: (string | number)[]) {
      const names = args.slice(0, count) as string[];
      writes.push({ names, ttlSeconds: args[count] as number });
      names.forEach((name, n) => {
        values.set(name, args[count + 1 + n] as string);
      });
    },
  };
}

let redis: ReturnType<typeof fakeRedis>;
let hits: number;
beforeEach(() => {
  redis = fakeRedis();
  hits = 0;
});

const cacheOf = (options: Partial<ReplayCacheOptions> = {}) =>
  createReplayCache({
    redis: redis as unknown as Redis,
    metrics: { idempotencyHits: { inc: () => void hits++ } } as unknown as ReplayCacheOptions['metrics'],
    epoch: () => EPOCH,
    ...options,
  });
const stored = () => vi.waitFor(() => expect(redis.writes).not.toEqual([]), 15_000);

it('replays an answer byte for byte to the same key and meaning, and counts it', async () => {
  const cache = cacheOf();
  cache.remember('key', replay);
  await stored();
  expect(await cache.find('key', 'f1')).toEqual(replay);
  expect(await cache.find('key', 'f1')).toMatchObject(answer);
  expect(hits).toBe(2);
});

it('I10: another meaning, another key and an unknown key are misses', async () => {
  const cache = cacheOf();
  cache.remember('key', replay);
  await stored();
  expect(await Promise.all([cache.find('key', 'f2'), cache.find('other', 'f1')])).toEqual([undefined, undefined]);
  expect(hits).toBe(0);
});

it('I11: an answer of another epoch, or with another secret, is a miss, and none is read or written without an epoch', async () => {
  const cache = cacheOf();
  cache.remember('key', replay);
  await stored();
  for (const epoch of [
    { ...EPOCH, name: 'epoch-2' },
    { ...EPOCH, secret: 'secret-2' },
  ]) {
    expect(await cacheOf({ epoch: () => epoch }).find('key', 'f1')).toBeUndefined();
  }
  redis.reads.length = 0;
  const without = cacheOf({ epoch: () => undefined });
  without.remember('other', replay);
  expect(await without.find('key', 'f1')).toBeUndefined();
  // A later answer is written after an earlier one would have been.
  cache.remember('later', replay);
  await vi.waitFor(() => expect(redis.writes).toHaveLength(2), 15_000);
  expect(redis.reads).toEqual([]);
  expect(redis.writes[1]?.names).toHaveLength(1);
});

it('I11: a value that was changed, cut or moved to another key is a miss', async () => {
  const cache = cacheOf();
  cache.remember('key', replay);
  cache.remember('other', { ...replay, order_id: 'o2' });
  await stored();
  const [name = '', other = ''] = [...redis.values.keys()];
  const value = redis.values.get(name) as string;
  const changed = [redis.values.get(other), value.replace('201', '202'), value.slice(0, -1), `x${value}`, `${value}x`];
  for (const wrong of [...changed, '', ' ', 'rubbish', value.slice(value.indexOf(' ') + 1)]) {
    redis.values.set(name, wrong as string);
    expect(await cache.find('key', 'f1'), wrong).toBeUndefined();
  }
});

it('I11: a Redis that fails is a miss, and loses nothing else', async () => {
  const cache = cacheOf();
  vi.spyOn(redis, 'mget').mockRejectedValueOnce(new Error('away'));
  vi.spyOn(redis, 'eval').mockRejectedValueOnce(new Error('away'));
  cache.remember('lost', replay);
  await vi.waitFor(() => expect(redis.eval).toHaveBeenCalled(), 15_000);
  expect(await cache.find('lost', 'f1')).toBeUndefined();
  cache.remember('key', replay);
  await stored();
  expect(await cache.find('key', 'f1')).toEqual(replay);
});

it('what is asked in one turn is one command, and everybody gets their own answer', async () => {
  const cache = cacheOf();
  cache.remember('a', replay);
  cache.remember('b', { ...replay, order_id: 'o2' });
  await stored();
  expect(redis.writes).toHaveLength(1);
  const found = await Promise.all(['b', 'none', 'a'].map((key) => cache.find(key, 'f1')));
  expect(found.map((one) => one?.order_id)).toEqual(['o2', undefined, 'o1']);
  expect(redis.reads).toHaveLength(1);
  await cache.find('a', 'f1');
  expect(redis.reads[1]).toHaveLength(1);
});

it('each answer is written once, and nothing else is written', async () => {
  const cache = cacheOf();
  cache.remember('a', replay);
  await stored();
  cache.remember('b', replay);
  await vi.waitFor(() => expect(redis.writes).toHaveLength(2), 15_000);
  expect(redis.writes[1]?.names).toHaveLength(1);
});

it('an answer is written within some milliseconds, though others follow all the time', () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const cache = cacheOf();
  for (const key of ['a', 'b']) {
    cache.remember(key, replay);
    vi.advanceTimersByTime(6);
  }
  vi.useRealTimers();
  expect(redis.writes.map(({ names }) => names.length)).toEqual([2]);
});

it('an answer lives for a day, or as long as orders are kept if that is shorter, in whole seconds', async () => {
  const [day, hour, split] = [undefined, 3_600_000, 1_500].map((keepMs) => cacheOf({ keepMs }));
  cacheOf({ keepMs: 30 * 86_400_000 }).remember('month', replay);
  for (const cache of [day, hour, split]) cache?.remember('key', replay);
  await vi.waitFor(() => expect(redis.writes).toHaveLength(4), 15_000);
  expect(redis.writes.map(({ ttlSeconds }) => ttlSeconds).sort((a, b) => a - b)).toEqual([2, 3_600, 86_400, 86_400]);
});

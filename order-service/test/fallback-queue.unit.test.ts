import { pause } from '@valerix/service-kit/backoff';
import { createLogger } from '@valerix/service-kit/logger';
import { counter, createRegistry } from '@valerix/service-kit/metrics';
import type { Redis } from '@valerix/service-kit/redis';
import { expect, it, vi } from 'vitest';
import { createFallbackQueue } from '../src/fallback-queue.ts';

const epoch = () => ({ name: 'epoch', secret: 'secret' });

// A full Redis (maxmemory) that has lost the stream refuses to make its group again.
it('should not ask without a pause while the group of the stream is missing and cannot be made', async () => {
  const xreadgroup = vi.fn(async () => {
    await pause(1);
    throw new Error("NOGROUP No such key 'valerix:queued:1:epoch' or consumer group 'settlers'");
  });
  const xgroup = vi.fn(async () => {
    await pause(1);
    throw new Error("OOM command not allowed when used memory > 'maxmemory'.");
  });
  const blockingRedis = { xreadgroup, xgroup, disconnect: () => {} } as unknown as Redis;
  const metrics = { unreadableHints: counter(createRegistry(), 'hints', 'Unreadable.') };
  const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
  const queue = createFallbackQueue({ epoch, redis: {} as Redis, blockingRedis, consumer: 'test', metrics, logger });
  queue.start(async () => {});
  await pause(200);
  await queue.stop();
  expect(xgroup).toHaveBeenCalledTimes(1);
  expect(xreadgroup).toHaveBeenCalledTimes(1);
});

it('should acknowledge a hint that names no order, and hand its companions over', async () => {
  const order = '01890000-0000-7000-8000-000000000001';
  const page = [
    ['1-0', ['order_id', 'no uuid']],
    ['1-1', ['order_id', order]],
  ];
  const xreadgroup = vi
    .fn()
    .mockResolvedValueOnce([['stream', page]])
    .mockImplementation(() => pause(1_000));
  const xack = vi.fn(async () => 2);
  const blockingRedis = { xreadgroup, disconnect: () => {} } as unknown as Redis;
  const redis = {
    xack,
    xautoclaim: async () => ['0-0', []],
    expire: async () => 1,
    xinfo: async () => [],
  } as unknown as Redis;
  const metrics = { unreadableHints: counter(createRegistry(), 'hints', 'Unreadable.') };
  const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
  const queue = createFallbackQueue({ epoch, redis, blockingRedis, consumer: 'test', metrics, logger });
  const handle = vi.fn(async () => {});
  queue.start(handle);
  await vi.waitFor(() => expect(xack).toHaveBeenCalled(), 15_000);
  await queue.stop();
  expect(handle).toHaveBeenCalledExactlyOnceWith([order]);
  expect(xack.mock.calls[0]?.slice(2)).toEqual(['1-0', '1-1']);
  expect((await metrics.unreadableHints.get()).values[0]?.value).toBe(1);
});

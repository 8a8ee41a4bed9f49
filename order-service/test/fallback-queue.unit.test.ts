import { pause } from '@valerix/service-kit/backoff';
import { createLogger } from '@valerix/service-kit/logger';
import type { Redis } from '@valerix/service-kit/redis';
import { expect, it, vi } from 'vitest';
import { createFallbackQueue } from '../src/fallback-queue.ts';

// A full Redis (maxmemory) that has lost the stream refuses to make its group again.
it('should not ask without a pause while the group of the stream is missing and cannot be made', async () => {
  const xreadgroup = vi.fn(async () => {
    await pause(1);
    throw new Error("NOGROUP No such key 'valerix:orders:queued' or consumer group 'settlers'");
  });
  const xgroup = vi.fn(async () => {
    await pause(1);
    throw new Error("OOM command not allowed when used memory > 'maxmemory'.");
  });
  const blockingRedis = { xreadgroup, xgroup, disconnect: () => {} } as unknown as Redis;
  const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
  const queue = createFallbackQueue({ redis: {} as Redis, blockingRedis, consumer: 'test', logger });
  queue.start(async () => {});
  await pause(200);
  await queue.stop();
  expect(xgroup).toHaveBeenCalledTimes(1);
  expect(xreadgroup).toHaveBeenCalledTimes(1);
});

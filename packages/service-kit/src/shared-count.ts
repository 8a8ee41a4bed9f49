import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { Redis } from './redis.ts';

export type SharedCount = ReturnType<typeof createSharedCount>;

/**
 * Counts by key over all replicas, in windows that begin with a key's first count. Redis holds the names of keys as they are: give it none
 * that say who somebody is.
 */
export function createSharedCount(redis: Redis, keyPrefix: string, windowSeconds: number) {
  const limiter = new RateLimiterRedis({
    ...{ storeClient: redis, keyPrefix, points: 1, duration: windowSeconds },
    rejectIfRedisNotReady: true,
  });
  return {
    /** @returns the count after adding `more`; undefined if Redis did not help */
    add: (key: string, more: number): Promise<number | undefined> =>
      limiter.penalty(key, more).then(
        ({ consumedPoints }) => consumedPoints,
        () => undefined,
      ),

    /** Best effort: the window ends it otherwise. */
    async forget(key: string): Promise<void> {
      await limiter.delete(key).catch(() => {});
    },
  };
}

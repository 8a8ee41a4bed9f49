import { Redis } from 'ioredis';
import { fullJitterMs } from './backoff.ts';
import type { Logger } from './logger.ts';
import { gauge, type Registry, sampledGauge } from './metrics.ts';
import { repeat } from './repeat.ts';

export type { Redis } from 'ioredis';
export { ReplyError } from 'ioredis';

/** A connection is closed after this long without a byte while commands wait; an idle one may be silent. */
const SILENCE_MS = 1_000;
const WRITE_EVERY_MS = 1_000;

/**
 * A connection for the request path: fails at once when Redis is away, and a command takes at most `commandTimeoutMs`. It is
 * sent at most once, and a Redis that says nothing for a second counts as away. Callers must treat every failure as "Redis
 * did not help".
 */
export function createRedis(url: string, logger: Logger, commandTimeoutMs = 150): Redis {
  return withLogging(
    new Redis(url, {
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      autoResubscribe: true,
      commandTimeout: commandTimeoutMs,
      // I13: a command that has timed out stays in the client's queue until it is answered or its connection ends.
      socketTimeout: SILENCE_MS,
      autoResendUnfulfilledCommands: false,
      connectTimeout: 1_000,
      retryStrategy: (attempt) => 50 + fullJitterMs(attempt, 50, 1_000),
    }),
    logger,
  );
}

/** A separate connection for blocking reads and subscriptions: it waits for Redis without limit, and silence is normal. */
export function createBlockingRedis(url: string, logger: Logger): Redis {
  return withLogging(
    new Redis(url, {
      maxRetriesPerRequest: null,
      connectTimeout: 1_000,
      retryStrategy: (attempt) => 50 + fullJitterMs(attempt, 50, 1_000),
    }),
    logger,
  );
}

/** Logs once that Redis is lost and once that it is back, not every attempt. */
function withLogging(redis: Redis, logger: Logger): Redis {
  let lost = false;
  redis.on('error', (error) => {
    if (!lost) logger.warn({ err: error }, 'Redis is lost; going on without it');
    lost = true;
  });
  redis.on('ready', () => {
    if (lost) logger.info('Redis is back');
    lost = false;
  });
  return redis;
}

/**
 * Proves that Redis takes writes. A read-only replica and a Redis without memory still answer PING.
 * @throws Error with the reason if it does not
 */
export async function writeToRedis(redis: Redis): Promise<void> {
  if (redis.status !== 'ready') throw new Error(`not connected (${redis.status})`);
  await redis.set('valerix:written', '1', 'PX', 10 * WRITE_EVERY_MS);
}

/** Writes to Redis every second, and publishes whether it took the write. */
export function watchRedis(registry: Registry, redis: Redis, logger: Logger) {
  const writable = redisMetrics(registry, redis);
  return repeat(WRITE_EVERY_MS, async () => {
    try {
      await writeToRedis(redis);
      writable.set(1);
    } catch (error) {
      writable.set(0);
      logger.debug({ err: error }, 'Redis takes no writes');
    }
  });
}

export function redisMetrics(registry: Registry, redis: Redis) {
  sampledGauge(registry, 'redis_up', '1 while the connection to Redis is ready.', () =>
    Number(redis.status === 'ready'),
  );
  return gauge(registry, 'redis_writable', '1 while Redis takes writes; one is tried every second.');
}

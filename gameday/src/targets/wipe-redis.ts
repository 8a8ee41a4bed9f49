import { Redis } from 'ioredis';

/** Empties a Redis: every replay, the whole stream, every fault in memory of it. */
export async function wipeRedis(url: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 3, connectTimeout: 2_000 });
  redis.on('error', () => {});
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}

import { Redis } from 'ioredis';
import type { Effect } from './target.ts';

/** Empties a Redis: the replays, the stream, and the injected faults. */
export async function wipeRedis(url: string): Promise<Effect> {
  const redis = new Redis(url, { maxRetriesPerRequest: 3, connectTimeout: 2_000 });
  redis.on('error', () => {});
  try {
    await redis.flushall();
    return { detail: 'Redis is empty', begins: 'wipe redis', over: Promise.resolve() };
  } finally {
    redis.disconnect();
  }
}

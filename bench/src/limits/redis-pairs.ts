import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';

const CLIENTS = 50;

/** Pairs of SET with expiry and GET per second, from 50 clients over one connection, as the replay cache sends them. */
export async function redisPairs(url: string, durationMs: number): Promise<number> {
  const redis = new Redis(url, { enableAutoPipelining: true });
  const start = performance.now();
  const answer = 'x'.repeat(450);
  let pairs = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - start < durationMs) {
      const key = `bench:${randomUUID()}`;
      await redis.set(key, answer, 'EX', 60);
      await redis.get(key);
      pairs++;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const perSecond = (pairs * 1000) / (performance.now() - start);
  redis.disconnect();
  return perSecond;
}

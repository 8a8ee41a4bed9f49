import { Redis } from 'ioredis';
import { runLoad } from '../load/run-load.ts';
import { type Measurement, measure } from '../measure/measure.ts';
import type { BenchStack } from './bench-stack.ts';

const KEYS = 1_000;
const COLD_KEYS = 20_000;
const ITEM = 'ps5';
const pace = { loop: 'closed', connections: 50 } as const;

/** Places orders, and returns the keys under which their answers can be requested again. */
async function placed({ url }: BenchStack, maxRequests: number): Promise<string[]> {
  const work = { kind: 'order', items: [ITEM] } as const;
  const times = { warmup_ms: 0, duration_ms: 60_000 };
  return (await runLoad({ url, work, pace, ...times, maxRequests, wantKeys: true })).keys;
}

/** Measures replays from Redis. */
export async function measureReplays(
  bench: BenchStack,
  times: { warmup_ms: number; duration_ms: number },
): Promise<Measurement> {
  const keys = await placed(bench, KEYS);
  return measure({ url: bench.url, work: { kind: 'replay', item: ITEM, keys }, pace, ...times }, bench);
}

/** Measures replays from PostgreSQL, after Redis lost everything: each key is used once, since Redis then has it again. */
export async function measureColdReplays(bench: BenchStack, times: { duration_ms: number }): Promise<Measurement> {
  const keys = await placed(bench, COLD_KEYS);
  const redis = new Redis(bench.stack.redisUrl);
  await redis.flushall();
  redis.disconnect();
  const work = { kind: 'replay', item: ITEM, keys } as const;
  const maxRequests = Math.floor(COLD_KEYS * 0.9);
  return measure({ url: bench.url, work, pace, warmup_ms: 0, maxRequests, ...times }, bench);
}

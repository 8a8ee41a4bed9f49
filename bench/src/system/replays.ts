import { Redis } from 'ioredis';
import { runLoad } from '../load/run-load.ts';
import { type Measurement, measure } from '../measure/measure.ts';
import type { BenchStack } from './bench-stack.ts';

const KEYS = 1_000;
const COLD_KEYS = 20_000;
const ITEM = 'ps5';
const pace = { loop: 'closed', connections: 50 } as const;

/** Places orders whose answers are then requested again. */
async function placed(bench: BenchStack, count: number): Promise<string[]> {
  const work = { kind: 'order', items: [ITEM] } as const;
  const { keys } = await runLoad({
    ...{ url: bench.orderUrl, work, pace, warmup_ms: 0, duration_ms: 60_000 },
    ...{ maxRequests: count, wantKeys: true },
  });
  return keys;
}

/** Measures retries that Redis answers. */
export async function measureReplays(
  bench: BenchStack,
  times: { warmup_ms: number; duration_ms: number },
): Promise<Measurement> {
  const keys = await placed(bench, KEYS);
  return measure({ url: bench.orderUrl, work: { kind: 'replay', item: ITEM, keys }, pace, ...times }, bench);
}

/** Measures retries after Redis lost everything: PostgreSQL answers each key once, then Redis has it again. */
export async function measureColdReplays(bench: BenchStack, times: { duration_ms: number }): Promise<Measurement> {
  const keys = await placed(bench, COLD_KEYS);
  const redis = new Redis(bench.stack.redisUrl);
  await redis.flushall();
  redis.disconnect();
  const work = { kind: 'replay', item: ITEM, keys } as const;
  const maxRequests = Math.floor(COLD_KEYS * 0.9);
  return measure({ url: bench.orderUrl, work, pace, warmup_ms: 0, maxRequests, ...times }, bench);
}

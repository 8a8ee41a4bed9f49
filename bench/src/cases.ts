import type { BenchConfig } from './config.ts';
import { startEcho } from './limits/echo.ts';
import { openPostgresLimit, type PostgresLimit } from './limits/postgres-orders.ts';
import { redisPairs } from './limits/redis-pairs.ts';
import type { Pace, Work } from './load/plan.ts';
import { type Measurement, measure, type Observed } from './measure/measure.ts';
import type { Rate } from './result.ts';
import { type BenchStack, ITEMS } from './system/bench-stack.ts';
import { measureColdReplays, measureReplays } from './system/replays.ts';

/** One line of the result: measured once in every round. */
export interface Case {
  id: string;
  run(): Promise<Measurement | Rate>;
}

const closed = (connections: number): Pace => ({ loop: 'closed', connections });
const open = (perSecond: number): Pace => ({ loop: 'open', perSecond });

/** The limits and the system. They are measured in turns: a machine that slows down for a minute slows both. */
export async function openCases(bench: BenchStack, config: BenchConfig) {
  const { warmup_ms, duration_ms } = config;
  const undici = await startEcho('undici');
  const echoes = [await startEcho('http'), await startEcho('express'), undici, await startEcho('axios')];
  const postgres = await openPostgresLimit(bench.stack.services.order.databaseUrl);
  const load = (id: string, target: Observed & { url: string }, work: Work, pace: Pace): Case => ({
    id,
    run: () => measure({ url: target.url, work, pace, warmup_ms, duration_ms }, target),
  });
  const list: Case[] = [
    ...echoes.map((echo) => load(`echo-${echo.kind}`, echo, { kind: 'echo' }, closed(50))),
    load('echo-undici-500', undici, { kind: 'echo' }, open(500)),
    ...postgresCases(postgres, config),
    { id: 'redis', run: async () => ({ per_second: await redisPairs(bench.stack.redisUrl, duration_ms / 2) }) },
    ...[1, 10, 50, 100].map((connections) => load(`closed-${connections}`, bench, SPREAD, closed(connections))),
    load('hot-50', bench, { kind: 'order', items: ['ps5'] }, closed(50)),
    ...[100, 200, 500, 1_000].map((perSecond) => load(`open-${perSecond}`, bench, SPREAD, open(perSecond))),
    { id: 'replay', run: () => measureReplays(bench, { warmup_ms, duration_ms }) },
    { id: 'replay-cold', run: () => measureColdReplays(bench, { duration_ms }) },
  ];
  return {
    list,
    async stop(): Promise<void> {
      for (const echo of echoes) echo.stop();
      await postgres.close();
    },
  };
}

const SPREAD: Work = { kind: 'order', items: ITEMS };

function postgresCases(postgres: PostgresLimit, { duration_ms }: BenchConfig): Case[] {
  const one = { connections: 16, ordersPerTransaction: 1, duration_ms };
  const twenty = { connections: 4, ordersPerTransaction: 20, duration_ms };
  const loads = {
    'postgres-single': { ...one, items: 12 },
    'postgres-single-hot': { ...one, items: 1 },
    'postgres-batch': { ...twenty, items: 12 },
    'postgres-batch-hot': { ...twenty, items: 1 },
  };
  return Object.entries(loads).map(([id, load]) => ({
    id,
    run: async () => ({ per_second: await postgres.run(load) }),
  }));
}

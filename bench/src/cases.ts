import type { BenchConfig } from './config.ts';
import { startEcho } from './limits/echo.ts';
import { openPostgresLimit, type PostgresLimit } from './limits/postgres-orders.ts';
import { redisPairs } from './limits/redis-pairs.ts';
import type { Pace, Work } from './load/plan.ts';
import { measure, type Observed } from './measure/measure.ts';
import { type Case, single } from './run-rounds.ts';
import { type BenchStack, ITEMS } from './system/bench-stack.ts';
import { measureColdReplays, measureReplays } from './system/replays.ts';

export const closed = (connections: number): Pace => ({ loop: 'closed', connections });
export const open = (perSecond: number): Pace => ({ loop: 'open', perSecond });

/** The limits and the system. They are measured in turns: a machine that slows down for a minute slows both. */
export async function openCases(bench: BenchStack, config: BenchConfig) {
  const { warmup_ms, duration_ms } = config;
  const undici = await startEcho('undici');
  const echoes = [await startEcho('http'), await startEcho('express'), undici, await startEcho('axios')];
  const postgres = await openPostgresLimit(bench.stack.services.order.databaseUrl);
  const load = loadCases(config);
  const list: Case[] = [
    ...echoes.map((echo) => load(`echo-${echo.kind}`, echo, { kind: 'echo' }, closed(50))),
    load('echo-undici-500', undici, { kind: 'echo' }, open(500)),
    ...postgresCases(postgres, config),
    single('redis', async () => ({ per_second: await redisPairs(bench.stack.redisUrl, duration_ms / 2) })),
    ...[1, 10, 50, 100].map((connections) => load(`closed-${connections}`, bench, SPREAD, closed(connections))),
    load('hot-50', bench, HOT, closed(50)),
    load('paid-50', bench, PAID, closed(50)),
    single('customers-50', async () => {
      const work = { ...SPREAD, tokens: await bench.customers(20) };
      return measure({ url: bench.url, work, pace: closed(50), warmup_ms, duration_ms }, bench);
    }),
    ...[100, 200, 500, 1_000].map((perSecond) => load(`open-${perSecond}`, bench, SPREAD, open(perSecond))),
    single('replay', () => measureReplays(bench, { warmup_ms, duration_ms })),
    single('replay-cold', () => measureColdReplays(bench, { duration_ms })),
  ];
  return {
    list,
    async stop(): Promise<void> {
      for (const echo of echoes) echo.stop();
      await postgres.close();
    },
  };
}

export const SPREAD: Extract<Work, { kind: 'order' }> = { kind: 'order', items: ITEMS };
export const HOT: Work = { kind: 'order', items: ['ps5'] };
const PAID: Work = { kind: 'order', items: ITEMS, paid: true };

type Target = Observed & { url: string };

/** Makes cases that put a load of the usual length on a server. */
export const loadCases =
  ({ warmup_ms, duration_ms }: BenchConfig) =>
  (id: string, target: Target, work: Work, pace: Pace): Case =>
    single(id, () => measure({ url: target.url, work, pace, warmup_ms, duration_ms }, target));

function postgresCases(postgres: PostgresLimit, { duration_ms }: BenchConfig): Case[] {
  const one = { connections: 16, ordersPerTransaction: 1, duration_ms };
  const twenty = { connections: 4, ordersPerTransaction: 20, duration_ms };
  const loads = {
    'postgres-single': { ...one, items: 12 },
    'postgres-single-hot': { ...one, items: 1 },
    'postgres-batch': { ...twenty, items: 12 },
    'postgres-batch-hot': { ...twenty, items: 1 },
  };
  return Object.entries(loads).map(([id, load]) => single(id, async () => ({ per_second: await postgres.run(load) })));
}

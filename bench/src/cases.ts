import type { BenchConfig } from './config.ts';
import { type EchoChain, type EchoKind, startEcho } from './limits/echo.ts';
import { openPostgresLimit, type PostgresLimit } from './limits/postgres-orders.ts';
import { redisPairs } from './limits/redis-pairs.ts';
import type { Pace, Work } from './load/plan.ts';
import { type Measurement, measure } from './measure/measure.ts';
import type { Rate } from './result.ts';
import { type BenchStack, ITEMS } from './system/bench-stack.ts';
import { measureColdReplays, measureReplays } from './system/replays.ts';

/** One line of the result: measured once in every round. */
export interface Case {
  id: string;
  run(): Promise<Measurement | Rate>;
}

export interface Cases {
  list: Case[];
  stop(): Promise<void>;
}

const ECHOES: EchoKind[] = ['http', 'express', 'undici', 'axios'];
const CONNECTIONS = 50;

/** Limits and system, to be measured in turns: a machine that is slower for a minute is slower for both. */
export async function openCases(bench: BenchStack, config: BenchConfig): Promise<Cases> {
  const echoes = await Promise.all(ECHOES.map(async (kind) => [kind, await startEcho(kind)] as const));
  const chains = Object.fromEntries(echoes) as Record<EchoKind, EchoChain>;
  const postgres = await openPostgresLimit(bench.stack.services.order.databaseUrl);
  return {
    list: [
      ...echoes.map(([kind, chain]) =>
        echoCase(`echo-${kind}`, chain, { loop: 'closed', connections: CONNECTIONS }, config),
      ),
      echoCase('echo-undici-500', chains.undici, { loop: 'open', perSecond: 500 }, config),
      ...postgresCases(postgres, config),
      {
        id: 'redis',
        run: async () => ({ per_second: await redisPairs(bench.stack.redisUrl, config.duration_ms / 2) }),
      },
      ...systemCases(bench, config),
    ],
    async stop() {
      for (const chain of Object.values(chains)) chain.stop();
      await postgres.close();
    },
  };
}

function echoCase(id: string, chain: EchoChain, pace: Pace, { warmup_ms, duration_ms }: BenchConfig): Case {
  const plan = { url: chain.url, work: { kind: 'echo' }, pace, warmup_ms, duration_ms } as const;
  return { id, run: () => measure(plan, chain.observed) };
}

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

function systemCases(bench: BenchStack, { warmup_ms, duration_ms }: BenchConfig): Case[] {
  const spread: Work = { kind: 'order', items: ITEMS };
  const hot: Work = { kind: 'order', items: ['ps5'] };
  const closed = (connections: number): Pace => ({ loop: 'closed', connections });
  const open = (perSecond: number): Pace => ({ loop: 'open', perSecond });
  const load = (id: string, work: Work, pace: Pace): Case => ({
    id,
    run: () => measure({ url: bench.orderUrl, work, pace, warmup_ms, duration_ms }, bench),
  });
  return [
    load('closed-1', spread, closed(1)),
    load('closed-10', spread, closed(10)),
    load('closed-50', spread, closed(50)),
    load('closed-100', spread, closed(100)),
    load('hot-50', hot, closed(50)),
    load('open-100', spread, open(100)),
    load('open-200', spread, open(200)),
    load('open-500', spread, open(500)),
    load('open-1000', spread, open(1_000)),
    { id: 'replay', run: () => measureReplays(bench, { warmup_ms, duration_ms }) },
    { id: 'replay-cold', run: () => measureColdReplays(bench, { duration_ms }) },
  ];
}

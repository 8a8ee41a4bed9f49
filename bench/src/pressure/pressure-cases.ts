import { closed, HOT, loadCases, open, SPREAD } from '../cases.ts';
import type { BenchConfig } from '../config.ts';
import { startPlainShops } from '../limits/plain-shop.ts';
import type { Pace, Work } from '../load/plan.ts';
import { type Measurement, measure } from '../measure/measure.ts';
import type { Rate } from '../result.ts';
import { type Case, single } from '../run-rounds.ts';
import { type BenchStack, ITEMS } from '../system/bench-stack.ts';
import { untilSettled } from '../system/drain.ts';
import { fill } from '../system/growth.ts';
import { holdSnapshots } from './hold-snapshots.ts';

/** Connections with which the system places the most orders per second. */
const PEAK_CONNECTIONS = 256;
/** Offered in the overload, as a multiple of the peak. */
const OVERLOAD = 1.5;
const READERS = 300;
/** How long the last answers may take, milliseconds. */
const PATIENCE_MS = 10_000;

/** What a user would pick instead, and the system under pressure, each beside the clean rate of the same round. */
export async function openPressureCases(bench: BenchStack, config: BenchConfig) {
  const shops = await startPlainShops(bench.stack.services.order.databaseUrl, ITEMS);
  const load = loadCases(config);
  const plain = (suffix: string, work: Work, pace: Pace) => [
    load(`shop-one-${suffix}`, shops.one, work, pace),
    load(`shop-four-${suffix}`, shops.four, work, pace),
  ];
  const list: Case[] = [
    ...plain('50', SPREAD, closed(50)),
    load('closed-50', bench, SPREAD, closed(50)),
    ...plain('hot-50', HOT, closed(50)),
    load('hot-50', bench, HOT, closed(50)),
    ...plain('1', SPREAD, closed(1)),
    load('closed-1', bench, SPREAD, closed(1)),
    heldCase(bench, config),
    load('open-100', bench, SPREAD, open(100)),
    crowdCase(bench, config),
    overloadCase(bench, config),
    auditCase(bench, config),
  ];
  return { list, stop: shops.stop };
}

/** Beside a write transaction of someone else and readers whose snapshots stay open, so that PostgreSQL can clean up nothing. */
const heldCase = (bench: BenchStack, { warmup_ms, pressure_ms: duration_ms }: BenchConfig): Case =>
  single('held', async () => {
    await bench.tidy();
    const release = await holdSnapshots(bench);
    try {
      // Tidied before: a VACUUM beside these transactions cleans nothing.
      const { url, processes, database } = bench;
      return await measure({ url, work: SPREAD, pace: closed(50), warmup_ms, duration_ms }, { processes, database });
    } finally {
      await release();
    }
  });

/** Orders and probes at a fixed rate beside readers that ask again at once. */
function crowdCase(bench: BenchStack, { warmup_ms, duration_ms }: BenchConfig): Case {
  const { url } = bench;
  const list = { kind: 'get', paths: ['/api/orders?limit=200'] } as const;
  const times = { url, warmup_ms, duration_ms, patience_ms: PATIENCE_MS };
  return {
    id: 'crowd',
    async run() {
      await bench.tidy();
      const [orders, readers, probes] = await Promise.all([
        measure({ ...times, work: SPREAD, pace: open(100) }, { processes: bench.processes }),
        measure({ ...times, work: list, pace: closed(READERS) }, { processes: [] }),
        measure({ ...times, work: { kind: 'get', paths: ['/readyz'] }, pace: open(10) }, { processes: [] }),
      ]);
      return { 'crowd-orders': orders, 'crowd-readers': readers, 'crowd-probes': probes };
    },
  };
}

/** One and a half times what the system can do, then the time until every order is settled. */
function overloadCase(bench: BenchStack, { warmup_ms, duration_ms }: BenchConfig): Case {
  const plan = { url: bench.url, work: SPREAD, warmup_ms, duration_ms };
  return {
    id: 'overload',
    async run(): Promise<Record<string, Measurement | Rate>> {
      const peak = await measure({ ...plan, pace: closed(PEAK_CONNECTIONS) }, bench);
      const perSecond = Math.round(OVERLOAD * peak.per_second);
      const pace = open(perSecond);
      const overload = await measure({ ...plan, pace, duration_ms: 2 * duration_ms, patience_ms: PATIENCE_MS }, bench);
      const { per_second, seconds } = await untilSettled(bench);
      return { peak, overload, offered: { per_second: perSecond }, drained: { per_second, seconds } };
    },
  };
}

/** The auditor loses its memory and reads a long history again while orders come. */
function auditCase(bench: BenchStack, { warmup_ms, duration_ms, history }: BenchConfig): Case {
  const plan = { url: bench.url, work: SPREAD, pace: closed(50), warmup_ms, duration_ms };
  return {
    id: 'audit',
    async run() {
      await fill(bench, history);
      const clean = await measure(plan, bench);
      await bench.audited();
      await bench.tidy();
      await bench.orders.query('DELETE FROM integrity_audit');
      const { processes, database } = bench;
      const behind = await measure(plan, { processes, database });
      const start = performance.now();
      await bench.audited();
      const seconds = (performance.now() - start) / 1000;
      const caughtUp = { per_second: history / seconds, seconds };
      return { 'audit-clean': clean, 'audit-behind': behind, 'audit-caught-up': caughtUp };
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled, ORDER_STATUSES } from '@valerix/contracts';
import { SERVICES } from '@valerix/system';
import type { BenchConfig } from '../config.ts';
import type { LoadPlan } from '../load/plan.ts';
import { runLoad } from '../load/run-load.ts';
import { measure } from '../measure/measure.ts';
import { medianOf } from '../measure/median.ts';
import type { ChaosResult, Settled } from '../result.ts';
import { type BenchStack, ITEMS } from './bench-stack.ts';

const TIMEOUT_MS = 180_000;
const OPEN = `SELECT count(*)::int AS n FROM orders WHERE status <> ALL ($1)`;

async function openOrders({ orders }: BenchStack): Promise<number> {
  return (await orders.query<{ n: number }>(OPEN, [ORDER_STATUSES.filter(isSettled)])).rows[0]?.n as number;
}

/** Waits until every order is settled. @throws Error after three minutes */
export async function untilSettled(bench: BenchStack): Promise<Settled> {
  const queued = await openOrders(bench);
  const start = performance.now();
  for (let open = queued; open > 0; open = await openOrders(bench)) {
    if (performance.now() - start > TIMEOUT_MS) throw new Error(`${open} orders do not settle.`);
    await sleep(25);
  }
  const seconds = (performance.now() - start) / 1000;
  return { queued, seconds, per_second: queued / seconds };
}

/** Places orders while the inventory service is down, and measures how fast they settle once it is back. */
export async function measureSettling(bench: BenchStack, count: number): Promise<Settled> {
  const inventory = bench.stack.process(SERVICES.inventory.name);
  await inventory.hold();
  const pace = { loop: 'closed', connections: 50 } as const;
  await runLoad({ ...placing(bench), pace, warmup_ms: 0, duration_ms: 120_000, maxRequests: count });
  await inventory.start();
  return untilSettled(bench);
}

const STANDARD_CHAOS = { latency: true, latency_ms: 5_000, crash_rate: 0.3, partial_failure_rate: 0.2 };

/** Runs the standard chaos under 100 orders per second, then measures the recovery. */
export async function measureChaos(bench: BenchStack, config: BenchConfig): Promise<ChaosResult> {
  await bench.operator('POST', '/api/admin/chaos', STANDARD_CHAOS);
  const pace = { loop: 'open', perSecond: 100 } as const;
  const plan: LoadPlan = { ...placing(bench), pace, warmup_ms: 2_000, duration_ms: config.chaos_ms };
  const load = medianOf([await measure(plan, bench)]);
  await bench.operator('DELETE', '/api/admin/chaos');
  return { load, drain: await untilSettled(bench) };
}

const placing = ({ url }: BenchStack) => ({ url, work: { kind: 'order', items: ITEMS } }) as const;

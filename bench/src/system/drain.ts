import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled, ORDER_STATUSES } from '@valerix/contracts';
import { SERVICES } from '@valerix/system';
import type { BenchConfig } from '../config.ts';
import { runLoad } from '../load/run-load.ts';
import { measure } from '../measure/measure.ts';
import { medianOf } from '../measure/median.ts';
import type { ChaosResult, Settled } from '../result.ts';
import { type BenchStack, ITEMS } from './bench-stack.ts';

const GIVE_UP_AFTER_MS = 180_000;
const OPEN = `SELECT count(*)::int AS n FROM orders WHERE status <> ALL ($1)`;

async function openOrders({ orders }: BenchStack): Promise<number> {
  return (await orders.query<{ n: number }>(OPEN, [ORDER_STATUSES.filter(isSettled)])).rows[0]?.n as number;
}

/** Waits until no order is queued. @throws Error when that takes minutes */
async function untilSettled(bench: BenchStack): Promise<Settled> {
  const queued = await openOrders(bench);
  const start = performance.now();
  while ((await openOrders(bench)) > 0) {
    if (performance.now() - start > GIVE_UP_AFTER_MS)
      throw new Error(`${await openOrders(bench)} orders do not settle`);
    await sleep(25);
  }
  const seconds = (performance.now() - start) / 1000;
  return { queued, seconds, per_second: queued / seconds };
}

/** Places orders while the inventory service is away, and measures how long they take once it is back. */
export async function measureSettling(bench: BenchStack, count: number): Promise<Settled> {
  const warehouse = bench.stack.process(SERVICES.inventory.name);
  await warehouse.hold();
  const work = { kind: 'order', items: ITEMS } as const;
  const pace = { loop: 'closed', connections: 50 } as const;
  await runLoad({ url: bench.orderUrl, work, pace, warmup_ms: 0, duration_ms: 120_000, maxRequests: count });
  await warehouse.start();
  return untilSettled(bench);
}

const STANDARD_CHAOS = { latency: true, latency_ms: 5_000, crash_rate: 0.3, partial_failure_rate: 0.2 };

/** Runs the standard chaos under 100 orders a second, then measures the recovery. */
export async function measureChaos(bench: BenchStack, config: BenchConfig): Promise<ChaosResult> {
  const warehouse = bench.stack.process(SERVICES.inventory.name);
  await insisting(() => bench.operator('POST', '/api/admin/chaos', STANDARD_CHAOS));
  const work = { kind: 'order', items: ITEMS } as const;
  const pace = { loop: 'open', perSecond: 100 } as const;
  const plan = { url: bench.orderUrl, work, pace, warmup_ms: 2_000, duration_ms: config.chaos_ms };
  const load = medianOf([await measure(plan, bench)]);
  // Retry: chaos may crash the very process that is to end it.
  await insisting(async () => {
    await warehouse.untilReady();
    await bench.operator('DELETE', '/api/admin/chaos');
  });
  await warehouse.untilReady();
  return { load, drain: await untilSettled(bench) };
}

/** Retries a few times, with pauses. @throws the error of the last attempt */
async function insisting(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await sleep(250);
    }
  }
}

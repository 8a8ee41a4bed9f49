import { setTimeout as sleep } from 'node:timers/promises';
import { integrity, percentilesOf } from '@valerix/contracts';
import { parentEnv } from '@valerix/local-stack/config';
import { runCommand } from '@valerix/local-stack/machine/run-command';
import { withClient } from '@valerix/local-stack/servers/databases';
import { withDatabase } from '@valerix/local-stack/testing';
import type { LoadResult } from '../load/plan.ts';
import { runLoad } from '../load/run-load.ts';
import { peakMemoryMb } from '../measure/process-stats.ts';
import { type BenchStack, ITEMS } from '../system/bench-stack.ts';

const ORDERS_PER_SECOND = 50;
/** A statement of the services that took longer once is listed, milliseconds. */
const SLOW_MS = 100;
/** The longest time for a verdict of the auditor, milliseconds. */
const AUDIT_LIMIT_MS = 600_000;

/** Places orders with one replica while `work` runs, from a second before to a second after. */
export async function underOrders<T>({ stack }: BenchStack, replica: number, seconds: number, work: () => Promise<T>) {
  const loading = runLoad({
    url: stack.services.order.urls[replica] as string,
    work: { kind: 'order', items: ITEMS.filter((item) => item !== 'chair') },
    pace: { loop: 'open', perSecond: ORDERS_PER_SECOND },
    warmup_ms: 1_000,
    duration_ms: seconds * 1_000,
  });
  await sleep(2_000);
  const done = await work();
  return { done, load: await loading };
}

/** Such as `1,000 orders, p50 4, p95 9, max 20 ms, all 201`. */
export function inWords({ requests, latency_ms: { p50, p95, max }, statuses }: LoadResult): string {
  const other = Object.entries(statuses).filter(([status]) => status !== '201');
  const answers = other.length === 0 ? 'all 201' : other.map(([status, count]) => `${count} × ${status}`).join(', ');
  return `${requests} orders, p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)}, max ${max.toFixed(0)} ms, ${answers}`;
}

/** How long the audit is away, in milliseconds, when a replica is killed and started again; and its highest memory since, in MB. */
export async function restart({ stack }: BenchStack, replica: number): Promise<{ ms: number; peakMb: number }> {
  const process = stack.process(replica === 0 ? 'order-service' : `order-service-${replica + 1}`);
  const began = Date.now();
  await process.hold();
  await process.start();
  const ms = await untilAuditedSince(stack.services.order.urls[replica] as string, began);
  // Let it take over the audit, and go on for a while.
  await sleep(8_000);
  return { ms, peakMb: peakMemoryMb(process.pid as number) };
}

/**
 * @returns milliseconds from `began` until the replica says `ok` about a round that ended after `began`
 * @throws Error if an invariant is broken, or after ten minutes
 */
export async function untilAuditedSince(url: string, began: number): Promise<number> {
  for (;;) {
    const response = await fetch(`${url}/api/integrity`).catch(() => undefined);
    const state = response?.ok ? integrity.parse(await response.json()) : undefined;
    if (state?.verdict === 'violated') throw new Error(`Broken invariants: ${JSON.stringify(state.violations)}`);
    if (state?.verdict === 'ok' && Date.parse(state.checked_at ?? '') > began) return Date.now() - began;
    if (Date.now() - began > AUDIT_LIMIT_MS) throw new Error(`No verdict of ${url}: ${state?.verdict ?? 'no answer'}.`);
    await sleep(50);
  }
}

/** Runs `make check-data` beside the running system. @returns what it says last @throws when it finds a violation */
export async function checkData({ stack }: BenchStack): Promise<string> {
  const check = ['gameday/src/cli.ts', 'check', '--running'];
  const { code, output } = await runCommand(process.execPath, check, { env: { ...parentEnv(), ...stack.env } });
  if (code !== 0) throw new Error(output);
  return output.split('\n').at(-1) ?? '';
}

/** The time of each read, in milliseconds, over `times` requests one after the other. */
export async function measureReads({ stack, orders }: BenchStack, times: number) {
  const [order] = stack.services.order.urls;
  const [inventory] = stack.services.inventory.urls;
  const idempotency_key = 'history-500';
  const { rows } = await orders.query('SELECT order_id FROM orders WHERE idempotency_key = $1', [idempotency_key]);
  const { order_id } = rows[0];
  const page = (await get(stack, `${order}/api/orders?limit=50`)).next_cursor;
  const entry = (await get(stack, `${inventory}/api/inventory/ledger?limit=1000`)).next_cursor;
  const paths = {
    'newest orders': `${order}/api/orders?limit=50`,
    'the page after': `${order}/api/orders?limit=50&cursor=${page}`,
    ...Object.fromEntries(
      ['pending', 'confirmed', 'queued', 'failed', 'cancelling', 'cancelled'].map((status) => [
        `orders that are ${status}`,
        `${order}/api/orders?limit=50&status=${status}`,
      ]),
    ),
    'the order of a key': `${order}/api/orders?idempotency_key=${idempotency_key}`,
    'an old order': `${order}/api/orders/${order_id}`,
    'its timeline': `${order}/api/orders/${order_id}/events`,
    'the queue': `${order}/api/queue`,
    'the stock': `${inventory}/api/inventory`,
    'the ledger from its beginning': `${inventory}/api/inventory/ledger?limit=100`,
    'the ledger from a position': `${inventory}/api/inventory/ledger?limit=100&after=${entry}`,
    'the ledger of an item': `${inventory}/api/inventory/ledger?limit=100&item_id=ps5`,
    'the ledger of an item that seldom moves': `${inventory}/api/inventory/ledger?limit=100&item_id=chair`,
    'the ledger of an order': `${inventory}/api/inventory/ledger?order_id=${order_id}`,
    'metrics of the order service': `${order}/metrics`,
    'metrics of the inventory service': `${inventory}/metrics`,
  };
  const measured: { what: string; p50: number; p95: number; max: number }[] = [];
  for (const [what, url] of Object.entries(paths)) {
    const took: number[] = [];
    for (let time = 0; time < times; time++) {
      const started = performance.now();
      await get(stack, url);
      took.push(performance.now() - started);
    }
    const at = percentilesOf(took);
    measured.push({ what, p50: at(0.5) ?? 0, p95: at(0.95) ?? 0, max: at(1) ?? 0 });
  }
  return measured;
}

async function get({ operatorToken }: BenchStack['stack'], url: string) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${operatorToken}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}: ${text}`);
  return text.startsWith('{') ? JSON.parse(text) : {};
}

/** The statements that took longer than `SLOW_MS` once since the last call. */
export async function slowStatements({ stack }: BenchStack): Promise<string[]> {
  return withClient(withDatabase(stack.services.order.databaseUrl, 'postgres'), async (client) => {
    const { rows } = await client.query<{ query: string; calls: string; mean: number; max: number }>(
      `SELECT regexp_replace(query, '\\s+', ' ', 'g') AS query, calls, mean_exec_time AS mean, max_exec_time AS max
       FROM pg_stat_statements
       WHERE max_exec_time > ${SLOW_MS}
       ORDER BY max_exec_time DESC`,
    );
    await client.query('SELECT pg_stat_statements_reset()');
    return rows.map(
      ({ query, calls, mean, max }) =>
        `${max.toFixed(0)} ms (mean ${mean.toFixed(1)}, ${calls} calls): ${query.slice(0, 160)}`,
    );
  });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { CHAOS_PRESETS, percentile, percentilesOf } from '@valerix/contracts';
import { checkDatabases } from '@valerix/gameday/checker';
import { type Stack, startStack } from '@valerix/local-stack';
import { MANDATORY_KEYS } from '@valerix/system';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { chaosClient } from '../support/chaos-client.ts';
import { eventually } from '../support/eventually.ts';
import { placeOrder } from '../support/http.ts';
import { type Operation, runLoad, startLoad } from '../support/load.ts';
import { makeWhole } from '../support/make-whole.ts';
import { restockAll } from '../support/restock.ts';

const RATE = 100;
/** Long enough for a thousand orders. CHAOS_SECONDS=30 for the figures of docs/chaos.md. */
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 10);

let stack: Stack;
let orders: pg.Pool;
let deaths = 0;
const inventoryUrl = () => stack.services.inventory.urls[0] as string;
const orderUrl = () => stack.services.order.urls[0] as string;
const chaos = () => chaosClient(stack, inventoryUrl());

beforeAll(async () => {
  stack = await startStack({
    services: MANDATORY_KEYS,
    onNotice(_name, text) {
      if (text.startsWith('killed')) deaths++;
    },
  });
  await restockAll(inventoryUrl(), stack.operatorToken, 5_000);
  // Chaos strikes a system that is warm.
  await runLoad(stack.services.order.urls, RATE, 2);
  orders = new pg.Pool({ connectionString: stack.services.order.databaseUrl, max: 2 });
});
afterAll(async () => {
  await orders?.end();
  await stack?.stop();
});
beforeEach(() => makeWhole(stack));

it('with 30 % errors and 20 % partial failures at 100 orders/s, retries confirm at least 95 % of the orders at once', async () => {
  await chaos().simple({ crash_rate: 0.3, partial_failure_rate: 0.2, reason: 'retries' });
  const operations = await runLoad(stack.services.order.urls, RATE, SECONDS);
  await chaos().clear();
  report(operations);
  const first = operations.map(({ answers }) => answers[0]?.status);
  expect(first.filter((status) => status === 201).length / first.length).toBeGreaterThan(0.95);
  expect(operations.flatMap(({ troubles }) => troubles)).toEqual([]);
  await allSettled();
  expect(await checkDatabases(stack)).toEqual([]);
});

it('standard chaos at 200 orders/s: every order is answered, none with a 5xx, and all are settled once it ends', async () => {
  await chaos().simple({ ...CHAOS_PRESETS.moderate, reason: 'standard chaos' });
  const operations = await runLoad(stack.services.order.urls, 2 * RATE, SECONDS);
  const ended = performance.now();
  await chaos().clear();
  await allSettled();
  report(operations);
  console.log(`all orders settled ${Math.round(performance.now() - ended)} ms after the end of standard chaos`);
  expect(operations.flatMap(({ troubles }) => troubles)).toEqual([]);
  expect(await checkDatabases(stack)).toEqual([]);
});

it('ten times in a row: latency and errors give 202, and one DELETE, the first time, gives 201 again', async () => {
  const background = startLoad(stack.services.order.urls, { rate: 20 });
  onTestFinished(async () => void (await background.stop()));
  const place = async () => (await placeOrder(orderUrl(), { item_id: 'switch', quantity: 1 })).status;
  const recoveries: number[] = [];
  for (let round = 0; round < 10; round++) {
    await chaos().simple({ latency: true, crash_rate: 0.3, reason: 'demo' });
    expect(await place()).toBe(202);
    const ended = performance.now();
    await chaos().clear();
    // The fault itself lasts longer.
    await eventually(async () => expect(await place()).toBe(201));
    recoveries.push(Math.round(performance.now() - ended));
  }
  console.log(`201 again after ${recoveries.join(', ')} ms`);
});

it('latency 5 s, 30 % errors, 20 % partial failures and 30 % kills at 100 orders/s: clients are answered, and stock is exact', async () => {
  deaths = 0;
  await chaos().simple({ ...CHAOS_PRESETS.moderate, kill_rate: 0.3, ttl_seconds: 180, reason: 'acceptance' });
  const operations = await runLoad(stack.services.order.urls, RATE, SECONDS);
  // Chance decides when it dies: more load, up to a minute, until it has done so twice.
  for (let more = 0; deaths < 2 && more < 12; more++)
    operations.push(...(await runLoad(stack.services.order.urls, RATE, 5)));
  await eventually(() => chaos().clear(), 30_000);
  const ended = performance.now();
  await allSettled();
  report(operations);
  console.log(
    `${deaths} deaths; all orders settled ${Math.round(performance.now() - ended)} ms after the end of chaos`,
  );

  expect(deaths).toBeGreaterThan(1);
  expect(operations.flatMap(({ troubles }) => troubles)).toEqual([]);
  // No client waits for the latency of 5 s.
  expect(percentile(durationsOf(operations), 0.95)).toBeLessThan(3_000);
  const { rows } = await orders.query('SELECT status, count(*)::int AS n FROM orders GROUP BY 1');
  expect(rows.map(({ status }) => status).filter((status) => !['confirmed', 'failed'].includes(status))).toEqual([]);
  expect(await checkDatabases(stack)).toEqual([]);
}, 240_000);

const durationsOf = (operations: Operation[]) => operations.flatMap(({ durations }) => durations);

/** I8: once faults end, every order comes to an end. */
async function allSettled(): Promise<void> {
  const open = `SELECT count(*)::int AS n FROM orders WHERE status IN ('pending', 'queued', 'cancelling')`;
  await eventually(async () => {
    await sleep(200);
    const { n } = (await orders.query(open)).rows[0];
    if (n > 0) throw new Error(`I8: ${n} orders are open`);
  }, 120_000);
}

function report(operations: Operation[]): void {
  const times = durationsOf(operations);
  const at = percentilesOf(times);
  const [p50, p95, p99, slowest] = [0.5, 0.95, 0.99, 1].map((share) => Math.round(at(share) ?? 0));
  const statuses = Map.groupBy(
    operations.flatMap(({ answers }) => answers),
    ({ status }) => status,
  );
  const counts = [...statuses].map(([status, list]) => `${status}: ${list.length}`).sort();
  console.log(
    [
      `${operations.length} orders, ${times.length} requests, ${counts.join(', ')}, others: ${operations.flatMap((o) => o.troubles).length}`,
      `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, slowest ${slowest} ms`,
    ].join('\n'),
  );
}

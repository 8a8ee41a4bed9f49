import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine, exitCodeOf, wholeNumber } from '@valerix/local-stack/commands/command-line';
import { type BenchStack, startBenchStack } from '../system/bench-stack.ts';
import { fillHistory } from './fill-history.ts';
import {
  checkData,
  inWords,
  measureReads,
  restart,
  slowStatements,
  underOrders,
  untilAuditedSince,
} from './measure-history.ts';
import { LIMIT_MS, RETENTION, untilPeriodDropped } from './periods.ts';

/** Requests of each kind of read. */
const READS = 100;
/** How long orders are placed: longer than the drop of a period is waited for. */
const DROP_SECONDS = LIMIT_MS / 1_000 + 5;

const began = performance.now();
const say = (text: string) => console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`);

/** Stops the services, writes the history, and starts them again. */
async function fill(bench: BenchStack, count: number): Promise<void> {
  const { stack, orders, inventory } = bench;
  await bench.audited();
  const services = ['order-service', 'order-service-2', 'inventory-service'].map((name) => stack.process(name));
  await Promise.all(services.map((service) => service.stop()));
  const every = Math.max(100_000, count / 10);
  await fillHistory({
    orders,
    inventory,
    count,
    onProgress: (made) => made % every === 0 && say(`${made} orders made`),
  });
  await bench.tidy();
  const { rows } = await orders.query('SELECT sum(pg_database_size(oid))::float8 AS bytes FROM pg_database');
  say(`The databases have ${(rows[0].bytes / 1e9).toFixed(1)} GB.`);
  const started = Date.now();
  for (const service of services.toReversed()) await service.start();
  const ms = await untilAuditedSince(bench.url, started);
  say(
    `The auditor has read the last ${Math.min(100_000, Math.ceil(count / 10))} orders: ok after ${(ms / 1000).toFixed(1)} s.`,
  );
}

async function measure(bench: BenchStack, count: number): Promise<void> {
  await bench.restock();
  await slowStatements(bench);
  const before = await underOrders(bench, 0, 20, async () => {});
  say(`Before: ${inWords(before.load)}.`);
  for (const [restarted, other] of [
    [1, 0],
    [0, 1],
  ] as const) {
    const { done, load } = await underOrders(bench, other, 25, () => restart(bench, restarted));
    say(
      `Replica ${restarted + 1} killed: verdict after ${(done.ms / 1000).toFixed(1)} s, at most ${done.peakMb.toFixed(0)} MB.`,
    );
    say(`Meanwhile: ${inWords(load)}.`);
  }
  const reads = await underOrders(bench, 0, 20, () => measureReads(bench, READS));
  for (const { what, p50, p95, max } of reads.done) {
    say(`  ${what}: p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)}, max ${max.toFixed(0)} ms`);
  }
  say(`Beside the reads: ${inWords(reads.load)}.`);
  for (const slow of await slowStatements(bench)) say(`  slow: ${slow}`);
  const checkSeconds = Math.max(10, count / 50_000);
  const checked = await underOrders(bench, 0, checkSeconds, () => checkData(bench));
  say(`make check-data: ${checked.done}.`);
  say(`Beside it: ${inWords(checked.load)}.`);
}

/** The services, which have a retention now, drop the first of two periods under orders; then both audits look at what is left. */
async function measureDrop(bench: BenchStack): Promise<void> {
  const { done, load } = await underOrders(bench, 0, DROP_SECONDS, () => untilPeriodDropped(bench));
  say(`A period was dropped: the orders were locked for ${done.orders} ms, the stock for ${done.inventory} ms.`);
  say(`Meanwhile: ${inWords(load)}.`);
  await bench.audited();
  say(`The audit is ok. make check-data: ${await checkData(bench)}.`);
}

async function onStack(options: Parameters<typeof startBenchStack>[0], work: (bench: BenchStack) => Promise<void>) {
  const bench = await startBenchStack(options);
  try {
    await work(bench);
  } finally {
    await bench.stop();
  }
}

const program = commandLine('npx node bench/src/history/cli.ts')
  .description(
    'Fills the order and the inventory database with a long history by SQL, then restarts, reads, checks and drops a period under 50 orders/s.',
  )
  .option('--orders <number>', 'in the history', wholeNumber, 1_000_000)
  .action(async ({ orders }: { orders: number }) => {
    const options = { home: mkdtempSync(join(tmpdir(), 'valerix-history-')), replicas: { order: 2 } };
    const kept = { RETENTION };
    try {
      await onStack(options, async (bench) => {
        await fill(bench, orders);
        await measure(bench, orders);
      });
      await onStack({ ...options, env: { order: kept, inventory: kept } }, measureDrop);
    } finally {
      rmSync(options.home, { recursive: true, force: true });
    }
  });

try {
  await program.parseAsync();
  process.exit(0);
} catch (error) {
  process.exit(exitCodeOf(error));
}

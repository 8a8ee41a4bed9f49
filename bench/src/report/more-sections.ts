import { SERVICE_NAMES, SERVICES } from '@valerix/system';
import type { Full } from '../measure/measure.ts';
import type { BenchResult } from '../result.ts';
import { bar, count, number, table } from './bars.ts';
import { errorsOf, presentIn, totalCpu } from './sections.ts';

/** The services in the order in which an order reaches them. */
const CALLERS_FIRST = SERVICE_NAMES.toReversed();

/** Reads, measured after the growth: with many orders in the table. */
export function readsSection(result: BenchResult): string {
  const names = { 'get-order': 'GET /api/orders/:id', 'list-orders': 'GET /api/orders, first page of 50' };
  const rows = presentIn(result, names).map(({ name, per_second, latency_ms: { p50, p95 } }) => [
    name,
    ...[per_second, p50, p95].map(number),
  ]);
  if (rows.length === 0) return '';
  return `### Reads with ${count(result.growth.many)} orders in the table, 50 connections

${table(['request', 'per second', 'p50 ms', 'p95 ms'], rows)}`;
}

const COSTS: Record<string, string> = {
  'echo-undici': 'Express → undici → Express echo',
  'closed-1': 'order, 1 connection',
  'closed-10': 'order, 10 connections',
  'closed-50': 'order, 50 connections',
  'closed-100': 'order, 100 connections',
  'hot-50': 'order of the hot item, 50 connections',
  'paid-50': 'paid order, 50 connections',
  'customers-50': 'order of a signed-in customer, 50 connections',
  'open-500': 'order, 500/s open loop',
  'echo-undici-500': 'Express → undici → Express echo, 500/s open loop',
  replay: 'replay (Redis)',
  'replay-cold': 'replay (PostgreSQL)',
};

/** Per request: CPU time by process, statements, commits, WAL. */
export function costSection(result: BenchResult): string {
  const names = [...CALLERS_FIRST, 'postgres', 'redis', 'log writer', 'generator'];
  const present = presentIn(result, COSTS);
  const max = Math.max(...present.map(totalCpu));
  const rows = present.map((each) => {
    const cpu = names.map((name) => each.cpu_us[name]);
    const cells = [...cpu, totalCpu(each), each.statements, each.commits, each.wal_bytes];
    return [each.name, ...cells.map((n) => (n === undefined ? '' : number(n))), bar(totalCpu(each), max)];
  });
  const head = ['µs of CPU per request', ...names, 'all', 'statements', 'commits', 'WAL bytes', ''];
  return `### Cost of one request

${table(head, rows)}

"Log writer" is the process that starts the services and writes their logs. "All" also counts the processes of an echo.`;
}

/** One reason why an order costs more if orders are few: each step follows a pause. */
export function coldWorkSection({ cold_work }: BenchResult): string {
  const atOnce = cold_work[0] as number;
  const max = Math.max(...Object.values(cold_work));
  const rows = Object.entries(cold_work).map(([pause, us]) => {
    const name = pause === '0' ? 'at once' : `after ${pause} ms`;
    return [name, number(us), number(us / atOnce), bar(us, max)];
  });
  return `### The same work after a pause

${table(['the same JSON and hashes again', 'µs', 'times', ''], rows)}

The thread does not sleep in a pause, so no figure contains the cost of waking it.`;
}

export function settleSection({ settle }: BenchResult): string {
  return `### Settling

${count(settle.queued)} orders were placed while ${SERVICES.inventory.name} was down. Once it was ready again, they were settled in
${number(settle.seconds)} s (${number(settle.per_second)} orders/s).`;
}

export function chaosSection({ chaos }: BenchResult): string {
  const { load, drain } = chaos;
  const answers = Object.entries(load.statuses).map(([status, n]) => `${n} × ${status}`);
  return `### Standard chaos (latency 5 s, errors 30 %, partial failure 20 %), 100 orders/s

p50 ${number(load.latency_ms.p50)} ms, p95 ${number(load.latency_ms.p95)} ms, p99 ${number(load.latency_ms.p99)} ms; answers: ${answers.join(', ')}; errors: ${count(errorsOf(load.statuses))}.
After the chaos, ${count(drain.queued)} waiting orders were settled in ${number(drain.seconds)} s (${number(drain.per_second)} orders/s).`;
}

export function growthSection({ growth }: BenchResult): string {
  const processes = [...CALLERS_FIRST, 'postgres'];
  const row = (name: string, { per_second, latency_ms, cpu_us, wal_bytes }: Full) => {
    const cpu = processes.map((process) => cpu_us[process]);
    return [name, ...[per_second, latency_ms.p95, ...cpu, wal_bytes].map((n) => number(n ?? 0))];
  };
  const rows = [
    row(`${count(growth.few)}, before`, growth.before),
    row(count(growth.many), growth.at_many),
    row(`${count(growth.few)}, after`, growth.after),
  ];
  const head = ['orders in the table', 'orders/s', 'p95 ms', ...processes.map((name) => `${name} µs`), 'WAL bytes'];
  return `### Growth

${table(head, rows)}

With ${count(growth.many)} orders in the table, an order costs ${number(growth.cpu_ratio)} times the CPU.`;
}

/** Private memory (RssAnon). The figure of PostgreSQL is the sum of its processes, without shared buffers. */
export function memorySection({ memory }: BenchResult): string {
  const { start, load_first, load_last, after } = memory;
  const head = ['MB', 'at the start', 'under load, first round', 'under load, last round', 'at the end'];
  const rows = Object.keys(start).map((name) => [
    name,
    ...[start, load_first, load_last, after].map((each) => number(each[name] ?? 0)),
  ]);
  return `### Memory\n\n${table(head, rows)}`;
}

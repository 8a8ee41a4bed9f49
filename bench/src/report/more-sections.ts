import { SERVICE_NAMES, SERVICES } from '@valerix/system';
import type { Full } from '../measure/measure.ts';
import type { BenchResult } from '../result.ts';
import { bar, number, table } from './bars.ts';
import { errorsOf, full, totalCpu } from './sections.ts';

/** In the order in which an order passes through them. */
const CALLERS_FIRST = SERVICE_NAMES.toReversed();

/** Reads, with the many orders of the growth in the table. */
export function readsSection(result: BenchResult): string {
  const names = { 'get-order': 'GET /api/orders/:id', 'list-orders': 'GET /api/orders, first page of 50' };
  const rows = Object.entries(names).flatMap(([id, name]) => {
    const read = full(result, id);
    return read ? [[name, number(read.per_second), number(read.latency_ms.p50), number(read.latency_ms.p95)]] : [];
  });
  if (rows.length === 0) return '';
  const many = result.growth.many.toLocaleString('en-US');
  return `### Reads, ${many} orders in the table, 50 connections\n\n${table(['request', 'per second', 'p50 ms', 'p95 ms'], rows)}`;
}

const COSTS: Record<string, string> = {
  'echo-undici': 'Express → undici → Express echo',
  'closed-1': 'order, 1 connection',
  'closed-10': 'order, 10 connections',
  'closed-50': 'order, 50 connections',
  'closed-100': 'order, 100 connections',
  'hot-50': 'order of the hot item, 50 connections',
  'open-500': 'order, 500/s open loop',
  'echo-undici-500': 'Express → undici → Express echo, 500/s open loop',
  replay: 'replay (Redis)',
  'replay-cold': 'replay (PostgreSQL)',
};

/** Per request: CPU time by process, statements, commits, WAL. */
export function costSection(result: BenchResult): string {
  const ids = Object.keys(COSTS).filter((id) => full(result, id));
  const names = [...CALLERS_FIRST, 'postgres', 'redis', 'log writer', 'generator'];
  const max = Math.max(...ids.map((id) => totalCpu(full(result, id) as Full)));
  const rows = ids.map((id) => {
    const each = full(result, id) as Full;
    const cpu = names.map((name) => (each.cpu_us[name] === undefined ? '' : number(each.cpu_us[name])));
    const database = [each.statements, each.commits, each.wal_bytes].map((n) => (n === undefined ? '' : number(n)));
    return [COSTS[id] as string, ...cpu, number(totalCpu(each)), ...database, bar(totalCpu(each), max)];
  });
  const head = ['µs of CPU per request', ...names, 'all', 'statements', 'commits', 'WAL bytes', ''];
  return `### Cost of one request

${table(head, rows)}

"Log writer" is the process that starts the services and writes their logs. An echo's own processes are in "all" only.`;
}

/** One reason why an order costs more when orders are few: each step follows a pause. */
export function coldWorkSection({ cold_work }: BenchResult): string {
  const at_once = cold_work[0] as number;
  const max = Math.max(...Object.values(cold_work));
  const rows = Object.entries(cold_work).map(([pause, us]) => [
    pause === '0' ? 'at once' : `after ${pause} ms`,
    number(us),
    number(us / at_once),
    bar(us, max),
  ]);
  return `### The same work after a pause

${table(['the same JSON and hashes again', 'µs', 'times', ''], rows)}

In the pause the thread does not sleep, it counts time: none of this is the cost of being woken up.`;
}

export function settleSection({ settle }: BenchResult): string {
  return `### Settling

${settle.queued.toLocaleString('en-US')} orders placed while ${SERVICES.inventory.name} was down were settled ${number(settle.seconds)} s after it was
ready again: ${number(settle.per_second)} orders/s.`;
}

export function chaosSection({ chaos }: BenchResult): string {
  const { load, drain } = chaos;
  const answers = Object.entries(load.statuses).map(([status, n]) => `${n} × ${status}`);
  return `### Standard chaos (latency 5 s, crash 30 %, partial failure 20 %), 100 orders/s

p50 ${number(load.latency_ms.p50)} ms, p95 ${number(load.latency_ms.p95)} ms, p99 ${number(load.latency_ms.p99)} ms; answers: ${answers.join(', ')}; errors: ${errorsOf(load.statuses)}.
When the chaos was over, ${drain.queued.toLocaleString('en-US')} waiting orders were settled in ${number(drain.seconds)} s (${number(drain.per_second)} orders/s).`;
}

export function growthSection({ growth }: BenchResult): string {
  const count = (n: number) => n.toLocaleString('en-US');
  const processes = [...CALLERS_FIRST, 'postgres'];
  const rows = (
    [
      [`${count(growth.few)}, before`, growth.before],
      [count(growth.many), growth.at_many],
      [`${count(growth.few)}, after`, growth.after],
    ] as const
  ).map(([name, each]) => {
    const cpu = processes.map((process) => number(each.cpu_us[process] ?? 0));
    return [name, number(each.per_second), number(each.latency_ms.p95), ...cpu, number(each.wal_bytes ?? 0)];
  });
  const head = [
    'orders in the table',
    'orders/s',
    'p95 ms',
    ...processes.map((process) => `${process} µs`),
    'WAL bytes',
  ];
  return `### Growth\n\n${table(head, rows)}\n\nCPU per order: ${number(growth.cpu_ratio)} times.`;
}

/** Private memory (RssAnon); PostgreSQL's is that of all its processes, without shared buffers. */
export function memorySection({ memory }: BenchResult): string {
  const head = ['MB', 'at start', 'under load, first round', 'under load, last round', 'after'];
  const rows = Object.keys(memory.start).map((name) => [
    name,
    ...[memory.start, memory.load_first, memory.load_last, memory.after].map((each) => number(each[name] ?? 0)),
  ]);
  return `### Memory\n\n${table(head, rows)}`;
}

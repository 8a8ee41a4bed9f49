import { SERVICES } from '@valerix/system';
import type { Full } from '../measure/measure.ts';
import type { BenchResult, RunFacts } from '../result.ts';
import { systemCpu } from '../system/growth.ts';
import { bar, count, number, table } from './bars.ts';

type Facts = Pick<RunFacts, 'measured'>;

export function full(result: Facts, id: string): Full | undefined {
  const found = result.measured[id];
  return found && 'cpu_us' in found ? found : undefined;
}

/** The measurements that exist of those named, in the order of the names. */
export const presentIn = (result: Facts, names: Record<string, string>): Array<Full & { name: string }> =>
  Object.entries(names).flatMap(([id, name]) => {
    const found = full(result, id);
    return found ? [{ name, ...found }] : [];
  });

/** Microseconds of CPU per request, over all processes. */
export const totalCpu = ({ cpu_us }: Full): number => Object.values(cpu_us).reduce((sum, cpu) => sum + cpu, 0);

export const rate = (result: Facts, id: string): number => result.measured[id]?.per_second ?? Number.NaN;

const LIMITS: Record<string, string> = {
  'echo-http': 'Node.js, bare HTTP echo',
  'echo-express': 'Express echo',
  'echo-undici': 'Express → undici → Express echo',
  'echo-axios': 'Express → axios → Express echo',
  'postgres-single': 'PostgreSQL alone, 3 transactions per order, 12 items',
  'postgres-single-hot': 'PostgreSQL alone, 3 transactions per order, one hot item',
  'postgres-batch': 'PostgreSQL alone, 20 orders per transaction, 12 items',
  'postgres-batch-hot': 'PostgreSQL alone, 20 orders per transaction, one hot item',
  redis: 'Redis, one SET and one GET',
};
const ORDERS: Record<string, string> = {
  'closed-1': 'orders over 12 items, 1 connection',
  'closed-10': 'orders over 12 items, 10 connections',
  'closed-50': 'orders over 12 items, 50 connections',
  'closed-100': 'orders over 12 items, 100 connections',
  'hot-50': 'orders of one hot item, 50 connections',
  'paid-50': 'paid orders over 12 items, 50 connections',
  'customers-50': 'orders of 20 signed-in customers, 50 connections',
  replay: 'replays answered by Redis, 50 connections',
  'replay-cold': 'replays answered by PostgreSQL, 50 connections',
};

/** Limits and system on one scale. */
export function throughputSection(result: BenchResult): string {
  const reference = rate(result, 'echo-undici');
  const max = Math.max(...['echo-http', 'replay', 'echo-express'].map((id) => rate(result, id) || 0));
  const row = ([id, name]: [string, string]) => [
    name,
    number(rate(result, id)),
    `${Math.round((100 * rate(result, id)) / reference)} %`,
    bar(rate(result, id), max),
  ];
  const head = (first: string) => [first, 'per second', 'of Express → undici → Express', ''];
  const present = (names: Record<string, string>) => Object.entries(names).filter(([id]) => result.measured[id]);
  return `### Throughput: limits and system

${table(head('limit'), present(LIMITS).map(row))}

${table(head('system, closed loop'), present(ORDERS).map(row))}`;
}

/** Open loop: latency from the moment a request should have started. */
export function latencySection(result: BenchResult): string {
  const names: Record<string, string> = {
    'open-100': '100 orders/s',
    'open-200': '200 orders/s',
    'open-500': '500 orders/s',
    'open-1000': '1,000 orders/s',
    'echo-undici-500': 'Express → undici → Express echo, 500/s',
  };
  const rows = presentIn(result, names).map(({ name, latency_ms, statuses, per_second }) => {
    const { p50, p95, p99, max } = latency_ms;
    return [name, ...[per_second, p50, p95, p99, max].map(number), count(errorsOf(statuses)), bar(p95, 20)];
  });
  return `### Latency: open loop, from the intended start

${table(['wanted', 'answered/s', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'errors', ''], rows)}

A bar shows p95; a full one is 20 ms. The figures contain the delay of the generator's own clock, a few tenths of a millisecond.`;
}

/** The number of answers with a 5xx, and of broken connections. */
export function errorsOf(statuses: Record<string, number>): number {
  const errors = Object.entries(statuses).filter(([status]) => status === '0' || Number(status) >= 500);
  return errors.reduce((sum, [, n]) => sum + n, 0);
}

/** Of a paid order, without the simulator and its database: a real provider computes elsewhere. */
const paidCpu = (paid: Full): number =>
  systemCpu(paid) - (paid.cpu_us[SERVICES.provider.name] ?? 0) - (paid.database_us?.[SERVICES.provider.database] ?? 0);

/** The targets beside the measured values. */
export const targetSection = (result: BenchResult): string =>
  `### Targets\n\n${table(['target', 'wanted', 'measured', 'result'], targets(result))}`;

function targets(result: BenchResult): string[][] {
  const of = (id: string) => rate(result, id) / rate(result, 'echo-undici');
  const open = full(result, 'open-500');
  const [replay, order] = [full(result, 'replay'), full(result, 'closed-50')];
  const paid = full(result, 'paid-50');
  const { settle, chaos, growth } = result;
  const rows = [
    ...['closed-50', 'closed-100', 'hot-50'].flatMap((id) => [
      atLeast(ORDERS[id] as string, rate(result, id), 2_250, '/s'),
      atLeast('the same, as a share of Express → undici → Express', 100 * of(id), 50, ' %'),
    ]),
    open && below('500 orders/s, p50', open.latency_ms.p50, 5, ' ms'),
    open && below('500 orders/s, p95', open.latency_ms.p95, 10, ' ms'),
    open && below('500 orders/s, p99', open.latency_ms.p99, 20, ' ms'),
    replay &&
      order &&
      below('CPU of a replay, as a share of a new order', (100 * systemCpu(replay)) / systemCpu(order), 33.3, ' %'),
    paid &&
      order &&
      below('CPU of a paid order, as a share of an unpaid one', (100 * paidCpu(paid)) / systemCpu(order), 200, ' %'),
    below(`settling ${count(settle.queued)} queued orders`, settle.seconds, 10, ' s'),
    below('standard chaos, 100 orders/s, p95', chaos.load.latency_ms.p95, 300, ' ms'),
    below('standard chaos, 5xx answers', errorsOf(chaos.load.statuses), 1, ''),
    atLeast('the drain after it', chaos.drain.per_second, 500, '/s'),
    below(`CPU per order, ${count(growth.many)} orders in the table`, 100 * (growth.cpu_ratio - 1), 10, ' % more'),
  ];
  return rows.filter((row) => row !== undefined);
}

const target = (name: string, wanted: string, value: number, unit: string, reached: boolean): string[] => [
  name,
  `${wanted}${unit}`,
  `${number(value)}${unit}`,
  reached ? 'reached' : 'missed',
];

export const atLeast = (name: string, value: number, limit: number, unit: string) =>
  target(name, `≥ ${count(limit)}`, value, unit, value >= limit);

export const below = (name: string, value: number, limit: number, unit: string) =>
  target(name, `< ${count(limit)}`, value, unit, value < limit);

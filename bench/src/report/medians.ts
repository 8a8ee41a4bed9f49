import type { Full } from '../measure/measure.ts';
import type { Measured } from '../result.ts';
import { number, table } from './bars.ts';
import { totalCpu } from './sections.ts';

/** The medians of single cases. */
export function renderMedians(measured: Record<string, Measured>): string {
  return `${renderCases(measured)}\n\n${renderCosts(measured)}`;
}

/** The cost of each case by process; that of PostgreSQL by database as well. */
function renderCosts(measured: Record<string, Measured>): string {
  const cases = Object.entries(measured).flatMap(([id, each]) => ('cpu_us' in each ? [{ id, ...each }] : []));
  const cellsOf = ({ cpu_us, database_us = {}, statements, commits, wal_bytes }: Full): Record<string, number> => ({
    ...cpu_us,
    ...Object.fromEntries(Object.entries(database_us).map(([name, us]) => [`of postgres: ${name}`, us])),
    ...(statements !== undefined && { statements }),
    ...(commits !== undefined && { commits }),
    ...(wal_bytes !== undefined && { 'WAL bytes': wal_bytes }),
  });
  const names = [...new Set(cases.flatMap((each) => Object.keys(cellsOf(each))))];
  const rows = names.map((name) => [name, ...cases.map((each) => number(cellsOf(each)[name] ?? Number.NaN))]);
  return table(['µs of CPU per request', ...cases.map(({ id }) => id)], rows);
}

function renderCases(measured: Record<string, Measured>): string {
  const rows = Object.entries(measured).map(([id, each]) => {
    if (!('cpu_us' in each)) return [id, number(each.per_second), '', '', '', '', ''];
    const { per_second, latency_ms, statuses } = each;
    const numbers = [per_second, latency_ms.p50, latency_ms.p95, latency_ms.p99, totalCpu(each)].map(number);
    return [
      id,
      ...numbers,
      Object.entries(statuses)
        .map(([status, n]) => `${n} × ${status}`)
        .join(', '),
    ];
  });
  return table(['case', 'per second', 'p50 ms', 'p95 ms', 'p99 ms', 'µs of CPU per request', 'answers'], rows);
}

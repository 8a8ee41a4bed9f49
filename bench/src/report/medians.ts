import type { Measured } from '../result.ts';
import { number, table } from './bars.ts';
import { totalCpu } from './sections.ts';

/** The medians of single cases. */
export function renderMedians(measured: Record<string, Measured>): string {
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

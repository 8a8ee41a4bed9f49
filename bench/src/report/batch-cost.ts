import type { BenchResult } from '../result.ts';
import { number, table } from './bars.ts';
import { type Full, full } from './sections.ts';

/** What one batch runs: T0, the warehouse's BEGIN, decisions, stock, write and COMMIT, and T1. */
const STATEMENTS_PER_BATCH = 7;
const CLOSED = [1, 10, 50, 100];

export interface Line {
  intercept: number;
  slope: number;
}

/** The line through points (x, y) with the least sum of squared misses, each miss as a share of its y. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Line {
  const weights = points.reduce((sum, [, y]) => sum + y ** -2, 0);
  const mean = (of: (x: number, y: number) => number) =>
    points.reduce((sum, [x, y]) => sum + of(x, y) * y ** -2, 0) / weights;
  const [middleX, middleY] = [mean((x) => x), mean((_x, y) => y)];
  const slope = mean((x, y) => (x - middleX) * (y - middleY)) / mean((x) => (x - middleX) ** 2);
  return { intercept: middleY - slope * middleX, slope };
}

/**
 * Orders per second when the orders of `connections` travel in `waves` batches over processes that share `cores`. The cores
 * are as busy as K stations with equal work among N customers that queue for them, N / (N + K - 1) (balanced system: Lazowska
 * et al., "Quantitative System Performance", 1984, chapter 5). An order costs its own part and its share of a batch.
 */
export function rateOfWaves(cost: Line, cores: number, connections: number, waves: number): number {
  const busy = waves / (waves + cores - 1);
  return (cores * busy * 1e6) / (cost.intercept + (cost.slope * waves) / connections);
}

/** Where the CPU of an order goes, taken apart: what each order costs, and what a batch costs whatever is in it. */
export function batchCostSection(result: BenchResult): string {
  const runs = CLOSED.flatMap((connections) => {
    const run = full(result, `closed-${connections}`);
    return run ? [{ connections, run, batches: (run.statements ?? 0) / STATEMENTS_PER_BATCH }] : [];
  });
  if (runs.length < CLOSED.length) return '';
  const names = Object.keys((runs[0] as { run: Full }).run.cpu_us);
  const fit = (cpu: (run: Full) => number) => fitLine(runs.map(({ batches, run }) => [batches, cpu(run)] as const));
  const all = (run: Full) => Object.values(run.cpu_us).reduce((sum, cpu) => sum + cpu, 0);
  const total = fit(all);
  const row = (name: string, { intercept, slope }: Line) => [name, number(intercept), number(slope)];
  const rows = [
    ...names.map((name) =>
      row(
        name,
        fit((run) => run.cpu_us[name] ?? 0),
      ),
    ),
    row('all', total),
  ];
  const misses = runs.map(({ connections, batches, run }) => {
    const percent = Math.round(100 * ((total.intercept + total.slope * batches) / all(run) - 1));
    return `${connections}: ${percent > 0 ? '+' : ''}${percent} %`;
  });
  const waves = [1, 2, 3, 4].map((n) => [
    String(n),
    ...[50, 100].map((connections) => number(rateOfWaves(total, result.machine.cores, connections, n))),
  ]);
  return `### What an order costs, and what a batch costs

${table(['µs of CPU', 'an order', 'a batch'], rows)}

A straight line through the orders of 1, 10, 50 and 100 connections, over batches per order (statements per order through
${STATEMENTS_PER_BATCH}). How far the line is from what was measured, by connections: ${misses.join(', ')}.

${table(['batches under way at once', 'orders/s at 50 connections, by this line', 'at 100'], waves)}`;
}

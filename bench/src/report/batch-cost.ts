import type { Full } from '../measure/measure.ts';
import type { BenchResult } from '../result.ts';
import { number, table } from './bars.ts';
import { full, totalCpu } from './sections.ts';

/** A batch of new orders costs three transactions: T0, the inventory service's decision, T1. */
const STATEMENTS_PER_BATCH = 3;
const CLOSED = [1, 10, 50, 100];

export interface Line {
  intercept: number;
  slope: number;
}

/** The line through points (x, y) with the smallest sum of squared errors, each relative to its y. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Line {
  const weights = points.reduce((sum, [, y]) => sum + y ** -2, 0);
  const mean = (of: (x: number, y: number) => number) =>
    points.reduce((sum, [x, y]) => sum + of(x, y) * y ** -2, 0) / weights;
  const [middleX, middleY] = [mean((x) => x), mean((_x, y) => y)];
  const slope = mean((x, y) => (x - middleX) * (y - middleY)) / mean((x) => (x - middleX) ** 2);
  return { intercept: middleY - slope * middleX, slope };
}

/**
 * Orders per second if the orders of `connections` travel in `waves` batches over processes that share `cores`. An order costs
 * its own part and its share of a batch. The cores are as busy as K equal stations for which N customers queue,
 * N / (N + K - 1) (balanced system: Lazowska et al., "Quantitative System Performance", 1984, chapter 5).
 */
export function rateOfWaves(cost: Line, cores: number, connections: number, waves: number): number {
  const busy = waves / (waves + cores - 1);
  return (cores * busy * 1e6) / (cost.intercept + (cost.slope * waves) / connections);
}

/** Splits the CPU of an order into the cost of each order and the fixed cost of a batch. */
export function batchCostSection(result: BenchResult): string {
  const runs = CLOSED.map((connections) => full(result, `closed-${connections}`)).filter((run) => run !== undefined);
  if (runs.length < CLOSED.length || runs.some(({ statements }) => statements === undefined)) return '';
  const batches = runs.map(({ statements = 0 }) => statements / STATEMENTS_PER_BATCH);
  const fit = (cpu: (run: Full) => number) => fitLine(runs.map((run, n) => [batches[n] as number, cpu(run)]));

  const total = fit(totalCpu);
  const row = (name: string, { intercept, slope }: Line) => [name, number(intercept), number(slope)];
  const processes = Object.keys(runs[0]?.cpu_us ?? {});
  const rows = processes.map((name) =>
    row(
      name,
      fit(({ cpu_us }) => cpu_us[name] ?? 0),
    ),
  );
  const misses = runs.map((run, n) => {
    const percent = Math.round(100 * ((total.intercept + total.slope * (batches[n] as number)) / totalCpu(run) - 1));
    return `${CLOSED[n]}: ${percent > 0 ? '+' : ''}${percent} %`;
  });
  const rate = (connections: number, waves: number) =>
    number(rateOfWaves(total, result.machine.cores, connections, waves));
  const waves = [1, 2, 3, 4].map((n) => [String(n), rate(50, n), rate(100, n)]);

  return `### What an order costs, and what a batch costs

${table(['µs of CPU', 'an order', 'a batch'], [...rows, row('all', total)])}

Both come from a straight line through the measurements at 1, 10, 50 and 100 connections. Its x is batches per order, that is
statements per order divided by ${STATEMENTS_PER_BATCH}. The error of the line, by connections: ${misses.join(', ')}.

${table(['batches at once', 'orders/s at 50 connections, by this line', 'at 100'], waves)}`;
}

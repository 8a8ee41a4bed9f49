import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readLine } from '@valerix/contracts';
import { z } from 'zod';
import type { Experiment } from '../experiment/load-experiment.ts';
import type { RunResult } from '../runner/run.ts';
import { TargetError } from '../targets/target.ts';
import { percentiles } from './journal.ts';

const figure = z.number().nonnegative().nullable();
/** What a run is compared by. A figure is null if the run did not show it. */
const figures = z.object({
  p95_ms: figure,
  confirmed_at_once: figure.describe('Share of the orders that were answered 201.'),
  recovery_s: figure.describe('The longest recovery from a fault.'),
  drain_s: figure,
});
type Figures = z.infer<typeof figures>;
const entry = figures.extend({ rate: z.number(), duration_s: z.number() });
/** By the experiment's name. */
const baseline = z.record(z.string(), entry);
export type Baseline = z.infer<typeof baseline>;

type Limit = (before: number) => number;

/**
 * A figure is worse when it passes this limit. The fixed part is what one run of the same code differs from the next by; the
 * factor leaves room for another machine of the same kind. A real regression is larger: a lost retry halves the share.
 */
const LIMITS: Record<keyof Figures, { name: string; unit: string; most?: Limit; least?: Limit }> = {
  p95_ms: { name: 'p95', unit: ' ms', most: (before) => before * 1.5 + 50 },
  confirmed_at_once: { name: 'share confirmed at once', unit: '', least: (before) => before - 0.1 },
  recovery_s: { name: 'longest recovery', unit: ' s', most: (before) => before * 1.5 + 3 },
  drain_s: { name: 'drain', unit: ' s', most: (before) => before * 1.5 + 3 },
};

const rounded = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : Math.round(value * 1000) / 1000;

/** The figures of a run, as they stand in a baseline. */
export function figuresOf(result: RunResult): Baseline[string] {
  const { totals, latency } = result.tally;
  const recovered = result.recoveries.flatMap(({ seconds }) => seconds ?? []);
  return {
    rate: result.rate,
    duration_s: result.durationS,
    p95_ms: latency.count === 0 ? null : percentiles(result).p95,
    confirmed_at_once: totals.placed === 0 ? null : rounded(totals.confirmed / totals.placed),
    recovery_s: recovered.length === 0 ? null : rounded(Math.max(...recovered)),
    drain_s: rounded(result.drained?.seconds),
  };
}

/** The figures that are worse than the baseline's by more than the tolerance, in words. */
export function worseThan(before: Figures, now: Figures): string[] {
  return (Object.keys(LIMITS) as (keyof Figures)[]).flatMap((key) => {
    const { name, unit, most, least } = LIMITS[key];
    const [was, is] = [before[key], now[key]];
    if (was === null) return [];
    if (is === null) return [`The baseline has a ${name} of ${was}${unit}, and this run shows none.`];
    const [ceiling, floor] = [most?.(was) ?? is, least?.(was) ?? is];
    if (is <= ceiling && is >= floor) return [];
    const allowed = rounded(is > ceiling ? ceiling : floor);
    return [`The ${name} is ${is}${unit}; the baseline has ${was}${unit}, and allows ${allowed}${unit}.`];
  });
}

/** The baseline in a file; empty if there is no such file. @throws {TargetError} when it is not a baseline */
export function readBaseline(file: string): Baseline {
  if (!existsSync(file)) return {};
  const read = readLine(baseline, readFileSync(file, 'utf8'));
  if (read) return read;
  throw new TargetError(`${file} is not a baseline; "--write-baseline" writes one.`);
}

/**
 * Refuses a comparison that would say nothing, before anything runs: rate and duration must be the baseline's.
 * @throws {TargetError} naming the experiment
 */
export function requireComparable(
  file: string,
  all: Baseline,
  experiments: readonly Experiment[],
  { rate, duration }: { rate?: number | undefined; duration?: number | undefined },
): void {
  for (const { name, valerix } of experiments) {
    const before = all[name];
    if (!before) throw new TargetError(`${file} has no "${name}"; run it with --write-baseline first.`);
    const [r, d] = [rate ?? valerix.workload.rate, duration ?? valerix.duration_s];
    if (before.rate === r && before.duration_s === d) continue;
    throw new TargetError(
      `${file} has "${name}" at ${before.rate} orders/s for ${before.duration_s} s, not ${r} orders/s for ${d} s.`,
    );
  }
}

/** Puts the figures of these runs into the file; other experiments keep theirs. */
export function writeBaseline(file: string, results: readonly RunResult[]): void {
  const own = results.map((result) => [result.experiment.name, figuresOf(result)] as const);
  const all = { ...readBaseline(file), ...Object.fromEntries(own) };
  const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
}

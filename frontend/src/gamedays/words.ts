import type { Experiment, Gameday, GamedayPhase, GamedayPoint } from '@valerix/contracts';
import { type Band, bandsWhere } from '../ui/bands.ts';
import type { Look, Tone } from '../ui/status.tsx';

export const PHASE_WORDS: Record<GamedayPhase, string> = {
  starting: 'Starting a fresh stack',
  before: 'Checking the steady state',
  load: 'Running: load and faults',
  rollback: 'Rolling back',
  drain: 'Waiting for open orders',
  check: 'Comparing histories',
  closing: 'Stopping the stack',
};

const LOOKS: Record<NonNullable<Gameday['verdict']>, Tone> = { PASS: 'ok', FAIL: 'bad', INCONCLUSIVE: 'warn' };

/** The verdict of a run, or its state before the verdict. */
export function lookOf({ state, verdict }: Pick<Gameday, 'state' | 'verdict'>): Look {
  if (state === 'running') return { tone: 'info', word: 'running' };
  return verdict === null ? { tone: 'unknown', word: 'no verdict' } : { tone: LOOKS[verdict], word: verdict };
}

/** The seconds in which each fault was active, in order of time. `to` is null while it lasts. */
export function faultSpans(points: readonly GamedayPoint[], active: readonly string[]) {
  const last = points.at(-1)?.t;
  return [...new Set(points.flatMap(({ faults }) => faults))]
    .flatMap((name) =>
      bandsWhere(points, ({ faults }) => faults.includes(name)).map(({ start, end }) => {
        return { name, from: start, to: end === last && active.includes(name) ? null : end };
      }),
    )
    .sort((a, b) => a.from - b.from);
}

/** The spans with any active fault. */
export const faultBands = (points: readonly GamedayPoint[]): Band[] =>
  bandsWhere(points, ({ faults }) => faults.length > 0);

/** The spans of each fault by itself, in the order of their beginnings. */
export const faultLanes = (points: readonly GamedayPoint[]): Band[][] =>
  [...new Set(points.flatMap(({ faults }) => faults))].map((name) =>
    bandsWhere(points, ({ faults }) => faults.includes(name)),
  );

/** At most six marks at round numbers, for a time axis of this many seconds. */
export function timeSplits(seconds: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400];
  const step = steps.find((one) => seconds / one <= 6) ?? 28_800;
  return Array.from({ length: Math.floor(seconds / step) }, (_, index) => (index + 1) * step);
}

/** The index of the step that a run is in; -1 before the first. A run longer than its method repeats it. */
export function currentStep({ method, method_s }: Pick<Experiment, 'method' | 'method_s'>, atMs: number): number {
  const at = method_s > 0 ? (atMs / 1000) % method_s : atMs / 1000;
  return method.findLastIndex(({ after_s }) => after_s <= at);
}

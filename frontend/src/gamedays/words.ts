import type { Experiment, ExperimentLevel, Gameday, GamedayPhase, GamedayPoint } from '@valerix/contracts';
import { formatSpan, formatTime } from '../browser/format.ts';
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

/** How long a run of an experiment has load, milliseconds: `duration_s`, and never less than its steps take. */
export const loadMs = ({ duration_s, method_s }: Pick<Experiment, 'duration_s' | 'method_s'>): number =>
  1000 * Math.max(duration_s, method_s);

const LEVELS: Record<ExperimentLevel, string> = {
  easy: 'Easy: one fault. Start here',
  medium: 'Medium: several faults, one after the other',
  hard: 'Hard: several faults at once, money, or hours',
};

/** The experiments by level, in words, the easy ones first; of each level the shortest first. */
export const byLevel = <E extends Pick<Experiment, 'level' | 'duration_s' | 'method_s'>>(experiments: readonly E[]) =>
  Object.entries(LEVELS)
    .map(([level, words]) => {
      const some = experiments.filter((one) => one.level === level).sort((a, b) => loadMs(a) - loadMs(b));
      return [words, some] as const;
    })
    .filter(([, some]) => some.length > 0);

/** A run with more load than this is started only after a question. */
const LONG_MS = 600_000;

/** What to say before a long run; `null` for a short one. */
export function longRunWords(run: Parameters<typeof loadMs>[0]): string | null {
  const ms = loadMs(run);
  return ms > LONG_MS ? `It has ${formatSpan(ms)} of load, and no other game day can run meanwhile.` : null;
}

/** The index of the step that a run is in; -1 before the first. A run longer than its method repeats it. */
export function currentStep({ method, method_s }: Pick<Experiment, 'method' | 'method_s'>, atMs: number): number {
  const at = method_s > 0 ? (atMs / 1000) % method_s : atMs / 1000;
  return method.findLastIndex(({ after_s }) => after_s <= at);
}

/** How long the system took to recover from a fault, over all its occurrences. */
export function recoveryWords(recoveries: Gameday['recoveries']): string {
  if (recoveries.length === 0) return '';
  const seen = recoveries.flatMap(({ seconds }) => seconds ?? []);
  const longest = `Served as usual again ${seen.length > 1 ? 'at most ' : ''}${Math.round(Math.max(...seen) * 10) / 10} s later.`;
  if (seen.length === recoveries.length) return longest;
  const missed = 'No recovery was seen before the next fault or the end of the load';
  if (seen.length === 0) return `${missed}.`;
  const times = recoveries.length - seen.length;
  return `${longest} ${missed} ${times === 1 ? 'once' : `${times} times`}.`;
}

export const compareHref = (first: string, second: string): string => `/gamedays/compare?a=${first}&b=${second}`;

/** A run as a choice: when it was, what it ran, and how it ended. */
export const optionOf = (run: Gameday): [id: string, words: string] => [
  run.id,
  `${run.title ?? run.experiment}, ${formatTime(run.started_at)}: ${lookOf(run).word}`,
];

/** The figures of two runs, one beside the other. */
export function figuresOf(run: Gameday) {
  const { totals, latency_ms, recoveries } = run;
  const seen = recoveries.flatMap(({ seconds }) => seconds ?? []);
  return {
    orders: run.orders,
    violations: run.violations,
    'confirmed (201)': totals?.confirmed ?? null,
    'queued (202)': totals?.queued ?? null,
    'refused (422)': totals?.refused ?? null,
    'no answer': totals?.unknown ?? null,
    retries: totals?.retries ?? null,
    'p50, ms': latency_ms?.p50 ?? null,
    'p95, ms': latency_ms?.p95 ?? null,
    'p99, ms': latency_ms?.p99 ?? null,
    // Unknown if one was never seen: it may have been the longest.
    'longest recovery, s':
      seen.length === 0 || seen.length < recoveries.length ? null : Math.round(Math.max(...seen) * 10) / 10,
    'seconds of load': run.duration_s,
    'orders a second': run.rate,
  } satisfies Record<string, number | null>;
}

/** The highest values of several runs, so that their charts get the same axes. */
export function commonScale(runs: ReadonlyArray<{ gameday: Gameday; points: readonly GamedayPoint[] }>) {
  const points = runs.flatMap((run) => run.points);
  const most = (value: (point: GamedayPoint) => number | null, least: number) =>
    points.reduce((highest, point) => Math.max(highest, value(point) ?? 0), least);
  /** Above what a chart would choose by itself for its own points. */
  const above = (value: (point: GamedayPoint) => number | null, least: number) => 1.15 * most(value, least);
  return {
    seconds: Math.max(
      ...runs.map(({ gameday }) => gameday.duration_s ?? 0),
      most(({ t }) => t, 5),
    ),
    answers: above((point) => point.confirmed + point.queued + point.refused + point.unknown, 10),
    latency: above(({ p99_ms }) => p99_ms, 50),
    queue: above(({ queue }) => queue, 10),
  };
}

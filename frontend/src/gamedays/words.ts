import type { Gameday, GamedayPhase, GamedayPoint } from '@valerix/contracts';
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

/** The seconds in which a fault was active. `to` is null while it lasts. */
interface FaultSpan {
  readonly name: string;
  readonly from: number;
  to: number | null;
}

/** The spans of each fault in order of time; a fault that comes back has a new span. */
export function faultSpans(points: readonly GamedayPoint[], active: readonly string[]): FaultSpan[] {
  const spans: FaultSpan[] = [];
  const open = new Map<string, FaultSpan>();
  let before = 0;
  for (const { t, faults } of points) {
    for (const name of faults) {
      if (open.has(name)) continue;
      const span: FaultSpan = { name, from: t, to: null };
      open.set(name, span);
      spans.push(span);
    }
    for (const [name, span] of open) {
      if (faults.includes(name)) continue;
      span.to = before;
      open.delete(name);
    }
    before = t;
  }
  for (const [name, span] of open) if (!active.includes(name)) span.to = before;
  return spans;
}

/** The spans with active faults. */
export const faultBands = (points: readonly GamedayPoint[]): Band[] =>
  bandsWhere(points, ({ faults }) => faults.length > 0);

/** About six marks for a time axis of this many seconds, at round numbers. */
export function timeSplits(seconds: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400];
  const step = steps.find((one) => seconds / one <= 6) ?? 28_800;
  return Array.from({ length: Math.floor(seconds / step) }, (_, index) => (index + 1) * step);
}

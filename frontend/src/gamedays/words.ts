import type { Gameday, GamedayPhase, GamedayPoint } from '@valerix/contracts';
import { type Band, bandsWhere } from '../ui/bands.ts';
import type { Tone } from '../ui/status.tsx';

/** What a run is doing, in the words of the page. */
export const PHASE_WORDS: Record<GamedayPhase, string> = {
  starting: 'Starting a fresh stack',
  before: 'Checking the steady state',
  load: 'Clients order, faults run',
  rollback: 'Rolling back',
  drain: 'Waiting for open orders',
  check: 'Comparing histories',
  closing: 'Stopping the stack',
};

const LOOKS: Record<NonNullable<Gameday['verdict']>, Tone> = { PASS: 'ok', FAIL: 'bad', INCONCLUSIVE: 'warn' };

/** The verdict of a run, or what stands in its place. */
export function lookOf({ state, verdict }: Pick<Gameday, 'state' | 'verdict'>): { tone: Tone; word: string } {
  if (state === 'running') return { tone: 'info', word: 'running' };
  return verdict === null ? { tone: 'unknown', word: 'no verdict' } : { tone: LOOKS[verdict], word: verdict };
}

/** A fault as the points of a run show it; seconds. `to` is null while it lasts. */
interface FaultSpan {
  readonly name: string;
  readonly from: number;
  readonly to: number | null;
}

/** When each fault was in force, first to last; a fault that comes again has a span of its own. */
export function faultSpans(points: readonly GamedayPoint[], active: readonly string[]): FaultSpan[] {
  const spans: Array<{ name: string; from: number; to: number | null }> = [];
  const open = new Map<string, (typeof spans)[number]>();
  let before = 0;
  for (const { t, faults } of points) {
    for (const name of faults) {
      const known = open.get(name);
      if (known) continue;
      const span = { name, from: t, to: null };
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

/** The spans in which anything was broken. */
export const faultBands = (points: readonly GamedayPoint[]): Band[] =>
  bandsWhere(points, ({ faults }) => faults.length > 0);

/** Marks of a time axis of so many seconds: about six, at round numbers. */
export function timeSplits(seconds: number): number[] {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400].find(
    (one) => seconds / one <= 6,
  );
  const used = step ?? 28_800;
  return Array.from({ length: Math.floor(seconds / used) }, (_, index) => (index + 1) * used);
}

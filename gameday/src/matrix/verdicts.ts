import type { Rule } from '../checker/violation.ts';
import type { Defence } from '../defences/defence.ts';
import { holds, type Measurable, type Property } from '../defences/property.ts';
import type { RunResult } from '../runner/run.ts';
import { EXIT_CODES, EXIT_UNUSABLE } from '../runner/verdict.ts';

/** What one run shows about a property. `unusable`: it could not be run at all. */
export type CellVerdict = 'holds' | 'broken' | 'inconclusive' | 'unusable';

/** One run: a defence, in place or removed, under its fault. */
export interface Cell {
  verdict: CellVerdict;
  /** The figures of the property, in words, or why there are none. */
  seen: string;
  /** Further figures. */
  more?: string;
  /** Why the verdict is not a plain yes or no, and what else is wrong. */
  reasons: string[];
  /** All invariants that were found broken. */
  broken: Rule[];
  seconds: number;
  /** Orders that were answered, and how often the faults of the run hit. */
  orders: number;
  hits: number;
  report: string;
}

export interface Row {
  defence: Defence;
  with: Cell;
  without: Cell;
}

/** The parts of a run that are judged. */
export type JudgedRun = Measurable & { result: Pick<RunResult, 'verdict' | 'reasons' | 'gaps'> };

/** Whether the property held. With its defence in place, nothing else may be wrong either. */
export function judgeCell(
  property: Property,
  run: JudgedRun,
  defended: boolean,
): Pick<Cell, 'verdict' | 'seen' | 'more' | 'reasons'> {
  const { verdict, reasons, gaps } = run.result;
  const { value, text: seen, more } = property.measure(run);
  const held = value !== undefined && holds(property, value);
  const figures = { seen, ...(more !== undefined && { more }) };
  const cell = (is: CellVerdict, why: string[] = []) => ({ verdict: is, ...figures, reasons: why });
  // A broken invariant or hypothesis counts, whatever the run did not show.
  if ((property.invariant || property.hypothesis) && value !== undefined && !held) return cell('broken');
  if (gaps.length > 0) return cell('inconclusive', gaps);
  if (value === undefined) return cell('inconclusive', [seen]);
  if (!held) return cell('broken');
  return defended && verdict !== 'PASS' ? cell('broken', reasons) : cell('holds');
}

type RowVerdict = 'shown' | 'does-not-hold' | 'nothing-breaks' | 'inconclusive' | 'unusable';

/** A defence is shown when its property holds with it and breaks without it. */
export function judgeRow(row: Pick<Row, 'with' | 'without'>): RowVerdict {
  const verdicts = [row.with.verdict, row.without.verdict];
  if (verdicts.includes('unusable')) return 'unusable';
  if (row.with.verdict === 'broken') return 'does-not-hold';
  if (row.without.verdict === 'holds') return 'nothing-breaks';
  return verdicts.includes('inconclusive') ? 'inconclusive' : 'shown';
}

/** Each verdict in words, for people. */
export const ROW_WORDS: Readonly<Record<RowVerdict, string>> = {
  shown: 'shown: it breaks without the defence, and holds with it',
  'does-not-hold': 'DOES NOT HOLD, although the defence is in place',
  'nothing-breaks': 'NOTHING BREAKS without it: the defence is redundant, or this run does not test it',
  inconclusive: 'INCONCLUSIVE: a run did not show all it had to',
  unusable: 'it could not be run',
};

/** The exit code, as for other runs. A matrix that was cut short proves nothing. */
export function exitCodeOf(rows: readonly Pick<Row, 'with' | 'without'>[], complete: boolean): number {
  const verdicts = rows.map(judgeRow);
  if (verdicts.includes('unusable')) return EXIT_UNUSABLE;
  if (verdicts.includes('does-not-hold') || verdicts.includes('nothing-breaks')) return EXIT_CODES.FAIL;
  return complete && !verdicts.includes('inconclusive') ? EXIT_CODES.PASS : EXIT_CODES.INCONCLUSIVE;
}

import type { GAMEDAY_VERDICTS } from '@valerix/contracts';
import type { Violation } from '../checker/violation.ts';
import type { Drained } from './drain.ts';
import type { EvidenceFound } from './evidence.ts';
import type { SteadyState } from './run-steps.ts';

export type Verdict = (typeof GAMEDAY_VERDICTS)[number];

/** Of the command line: 3 is for what cannot be run at all. */
export const EXIT_CODES: Record<Verdict, number> = { PASS: 0, FAIL: 1, INCONCLUSIVE: 2 };
export const EXIT_UNUSABLE = 3;

export interface Findings {
  before: SteadyState;
  after: SteadyState | undefined;
  violations: readonly Violation[];
  /** How many more the checker found than it lists. */
  unlisted: number;
  evidence: readonly EvidenceFound[];
  drained: Drained | undefined;
  /** Orders that were due and never placed, because too many clients waited already: the slowest are missing then. */
  notSent: number;
  /** The last fault, when the system was not seen to recover from it. */
  notRecovered: string | undefined;
  /** Why the run was cut short, if it was. */
  interrupted: string | undefined;
  /** Steps of the method or the rollbacks that failed, in words. */
  failedSteps: readonly string[];
  /** Why the databases could not be compared, if so. */
  unchecked: string | undefined;
}

export interface Judgement {
  verdict: Verdict;
  reasons: string[];
  /** What the run did not show, also when it showed something wrong. */
  gaps: string[];
}

/**
 * FAIL when anything is wrong; INCONCLUSIVE when nothing is wrong but the run did not show what it was to show; else PASS.
 * The reasons are for people, the most important first; the gaps are what the run did not show, also beside what is wrong.
 */
export function judge(findings: Findings): Judgement {
  const wrong = wrongs(findings);
  const gaps = gapsOf(findings);
  if (wrong.length > 0) return { verdict: 'FAIL', reasons: wrong, gaps };
  if (gaps.length > 0) return { verdict: 'INCONCLUSIVE', reasons: gaps, gaps };
  return { verdict: 'PASS', reasons: ['Every invariant holds, and everything that had to happen was seen.'], gaps };
}

function wrongs({ violations, unlisted, after }: Findings): string[] {
  const byInvariant = new Map<string, number>();
  for (const { invariant } of violations) byInvariant.set(invariant, (byInvariant.get(invariant) ?? 0) + 1);
  const broken = [...byInvariant].map(
    ([invariant, count]) => `${invariant} is broken (${count}${unlisted > 0 ? ' or more' : ''} found).`,
  );
  if (after && !after.steady_state_met) {
    const probe = after.probes.find((run) => !run.tolerance_met);
    broken.push(`The steady state was not reached again: "${probe?.activity.name}".`);
  }
  return broken;
}

function gapsOf({
  before,
  evidence,
  drained,
  notSent,
  notRecovered,
  interrupted,
  failedSteps,
  unchecked,
}: Findings): string[] {
  const missing: string[] = [];
  if (!before.steady_state_met) missing.push('The system was not in its steady state before the start.');
  if (interrupted) missing.push(`The run was cut short: ${interrupted}.`);
  if (unchecked) missing.push(`The databases could not be compared: ${unchecked}.`);
  missing.push(...failedSteps.map((step) => `A step failed: ${step}.`));
  for (const { met, expected, seen } of evidence) if (!met) missing.push(`Not shown: ${expected} (seen: ${seen}).`);
  if (notSent > 0) missing.push(`${notSent} orders were due and not sent: too many clients waited already.`);
  if (notRecovered) missing.push(`No recovery was seen after the last fault, "${notRecovered}".`);
  if (drained && !drained.complete) {
    const open = drained.open < 0 ? 'the open orders could not be counted' : `${drained.open} orders are still open`;
    missing.push(`The drain is incomplete: ${open} after ${Math.round(drained.seconds)} s.`);
  }
  return missing;
}

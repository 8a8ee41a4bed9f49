import type { GamedayVerdict } from '@valerix/contracts';
import type { Violation } from '../checker/violation.ts';
import type { Drained } from './drain.ts';
import type { EvidenceFound } from './evidence.ts';
import { type Growth, grown, unmeasured } from './growth.ts';
import type { SteadyState } from './run-steps.ts';

/** Exit codes of the command line; EXIT_UNUSABLE: it could not be run at all; EXIT_WORSE: passed, but worse than the baseline. */
export const EXIT_CODES: Record<GamedayVerdict, number> = { PASS: 0, FAIL: 1, INCONCLUSIVE: 2 };
export const EXIT_UNUSABLE = 3;
export const EXIT_WORSE = 4;

export interface Findings {
  before: SteadyState;
  after: SteadyState | undefined;
  violations: readonly Violation[];
  /** How many violations the checker found beyond those it lists. */
  unlisted: number;
  evidence: readonly EvidenceFound[];
  drained: Drained | undefined;
  /** Orders that were due and never placed, because too many clients were waiting: the slowest orders are missing. */
  notSent: number;
  /** The faults that should have killed a process whose death was not seen, in the order in which they began. */
  deathsUnseen: readonly string[];
  /** The last fault, if no recovery from it was seen. */
  notRecovered: string | undefined;
  /** Why the run was cut short, if it was. */
  interrupted: string | undefined;
  /** Steps of the method or the rollbacks that failed, in words. */
  failedSteps: readonly string[];
  /** Why the databases could not be compared, if they could not. */
  unchecked: string | undefined;
  /** Undefined if the experiment sets no limit. */
  growth?: Growth | undefined;
}

export interface Judgement {
  verdict: GamedayVerdict;
  reasons: string[];
  /** What the run did not show, listed also beside a FAIL. */
  gaps: string[];
}

/**
 * FAIL when anything is wrong; INCONCLUSIVE when nothing is wrong but evidence is missing; otherwise PASS.
 * The reasons are for people, the most important first.
 */
export function judge(findings: Findings): Judgement {
  const wrong = wrongs(findings);
  const gaps = gapsOf(findings);
  if (wrong.length > 0) return { verdict: 'FAIL', reasons: wrong, gaps };
  if (gaps.length > 0) return { verdict: 'INCONCLUSIVE', reasons: gaps, gaps };
  return { verdict: 'PASS', reasons: ['Every invariant holds, and all required evidence was seen.'], gaps };
}

function wrongs({ violations, unlisted, after, growth }: Findings): string[] {
  const broken = [...Map.groupBy(violations, ({ invariant }) => invariant)].map(
    ([invariant, found]) => `${invariant} is broken (${found.length}${unlisted > 0 ? ' or more' : ''} found).`,
  );
  if (after && !after.steady_state_met) {
    const probe = after.probes.find((run) => !run.tolerance_met);
    broken.push(`The steady state was not reached again: "${probe?.activity.name}".`);
  }
  return [...broken, ...grown(growth)];
}

function gapsOf(findings: Findings): string[] {
  const { before, evidence, drained, notSent, notRecovered, interrupted, failedSteps, unchecked, growth } = findings;
  const { deathsUnseen } = findings;
  const missing: string[] = [];
  if (!before.steady_state_met) missing.push('The system was not in its steady state before the start.');
  if (interrupted) missing.push(`The run was cut short: ${interrupted.replace(/\.$/, '')}.`);
  if (unchecked) missing.push(`The databases could not be compared: ${unchecked}.`);
  missing.push(...failedSteps.map((step) => `A step failed: ${step}.`));
  for (const { met, expected, seen } of evidence) if (!met) missing.push(`Not shown: ${expected} (seen: ${seen}).`);
  if (notSent > 0) missing.push(`${notSent} orders were due and not sent: too many clients were waiting.`);
  missing.push(...deathsUnseen.map((name) => `No process was seen to die of "${name}".`));
  if (notRecovered) missing.push(`No recovery was seen after the last fault, "${notRecovered}".`);
  if (drained && !drained.complete) {
    const open = drained.open < 0 ? 'the open orders could not be counted' : `${drained.open} orders are still open`;
    missing.push(`The drain is incomplete: ${open} after ${Math.round(drained.seconds)} s.`);
  }
  return [...missing, ...unmeasured(growth)];
}

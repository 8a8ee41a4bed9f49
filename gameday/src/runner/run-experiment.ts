import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkRun, type RunChecked } from '../checker/check-run.ts';
import type { Violation } from '../checker/violation.ts';
import type { Experiment } from '../experiment/load-experiment.ts';
import type { Target } from '../targets/target.ts';
import { bringStock } from './bring-stock.ts';
import { type Drained, drain } from './drain.ts';
import { type EvidenceFound, weighEvidence } from './evidence.ts';
import { FaultLog, type FaultWindow } from './fault-log.ts';
import type { Observations } from './observe.ts';
import { type Recovery, recoveries } from './recovery.ts';
import type { ActivityContext, ActivityRun } from './run-activity.ts';
import { runHypothesis, runSteps, type SteadyState } from './run-steps.ts';
import { runUnderLoad } from './run-under-load.ts';
import { configurationOf } from './substitute.ts';
import { Tally } from './tally.ts';
import { judge, type Verdict } from './verdict.ts';

export interface RunOptions {
  experiment: Experiment;
  target: Target;
  seed: number;
  durationS: number;
  rate: number;
  /** Where the history goes. */
  folder: string;
  /** Aborted: stop, roll back, report. The reason says why. */
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface Progress {
  phase: 'before' | 'load' | 'rollback' | 'drain' | 'check';
  ms: number;
  durationMs: number;
  tally: Tally;
  faults: string[];
  violations: number;
}

/** A violation, and when and by whom it was seen while the run went on. */
export interface SeenViolation extends Violation {
  at?: number;
  source?: string;
}

export interface RunResult {
  experiment: Experiment;
  target: string;
  seed: number;
  rate: number;
  durationS: number;
  verdict: Verdict;
  reasons: string[];
  /** What the run did not show, also when it showed something wrong. */
  gaps: string[];
  start: Date;
  end: Date;
  before: SteadyState;
  after: SteadyState | undefined;
  method: ActivityRun[];
  rollbacks: ActivityRun[];
  interrupted: string | undefined;
  tally: Tally;
  notSent: number;
  faults: FaultWindow[];
  observations: Observations;
  recoveries: Recovery[];
  evidence: EvidenceFound[];
  drained: Drained | undefined;
  checked: RunChecked | undefined;
  violations: SeenViolation[];
  /** Keys of the run start with it. */
  prefix: string;
}

/**
 * Runs an experiment against a target: hypothesis, method under load, rollbacks, drain, hypothesis, check, verdict.
 * Rollbacks run however the rest ended. @throws only when the system cannot even be prepared
 */
export async function runExperiment(options: RunOptions): Promise<RunResult> {
  const { experiment, target, signal } = options;
  const { document, valerix } = experiment;
  mkdirSync(options.folder, { recursive: true });
  const start = new Date();
  const clock = { zero: performance.now() };
  const now = () => performance.now() - clock.zero;
  const tally = new Tally();
  const faults = new FaultLog(now);
  const seen: SeenViolation[] = [];
  const prefix = `gameday-${options.seed}${target.fresh ? '' : `-${start.getTime().toString(36)}`}`;
  const configuration = configurationOf(document, target.variables);
  const context: ActivityContext = {
    target,
    configuration,
    onDone: (activity, output, effect, startedAt) =>
      faults.note(activity, output, effect, Math.max(0, now() - (Date.now() - startedAt))),
  };
  const progress = (phase: Progress['phase']) =>
    options.onProgress?.({
      phase,
      ms: now(),
      durationMs: options.durationS * 1000,
      tally,
      faults: faults.active,
      violations: seen.length,
    });

  progress('before');
  const scale = (options.durationS * options.rate) / (valerix.duration_s * valerix.workload.rate);
  await bringStock(target, { stock: valerix.stock, scale }, prefix);
  const before = await runHypothesis(document, context);
  const rollbacks: ActivityRun[] = [];
  const historyFile = join(options.folder, 'history.jsonl');
  const load = await runUnderLoad({
    ...options,
    context,
    clock,
    now,
    tally,
    faults,
    prefix,
    historyFile,
    skip: !before.steady_state_met,
    seen,
    progress: () => progress('load'),
    rollBack: async () => {
      progress('rollback');
      await runSteps(document.rollbacks, document, context, (run) => rollbacks.push(run));
      await target.heal();
    },
    drain: async () => {
      progress('drain');
      return drain(
        target.orderDatabaseUrl,
        valerix.drain_s * 1000,
        AbortSignal.timeout(valerix.drain_s * 1000 + 1_000),
      );
    },
  });
  const after = before.steady_state_met ? await runHypothesis(document, context) : undefined;

  progress('check');
  let unchecked: string | undefined;
  const checked = await checkRun({
    orderDatabaseUrl: target.orderDatabaseUrl,
    inventoryDatabaseUrl: target.inventoryDatabaseUrl,
    // Orders that are still under way make the run inconclusive; a dead letter will never settle by itself.
    expectSettled: load.drained !== undefined && (load.drained.complete || valerix.settle_within_drain),
    historyFile,
    prefix,
    fresh: target.fresh,
  }).catch((error: Error) => {
    unchecked = error.message;
    return undefined;
  });

  const violations = merge(checked?.violations ?? [], seen);
  const evidence = weighEvidence(valerix.evidence, {
    faults: faults.windows,
    observations: load.observations,
    totals: tally.totals,
    recovered: checked?.recovered ?? 0,
  });
  const interrupted = signal.aborted ? String(signal.reason) : load.stopped;
  const failedSteps = [...load.method, ...rollbacks].flatMap(({ status, activity, exception }) =>
    status === 'failed' ? [`"${activity.name}": ${exception}`] : [],
  );
  const { drained, observations, method } = load;
  return {
    ...judge({ before, after, violations, evidence, drained, interrupted, failedSteps, unchecked }),
    experiment,
    target: target.description,
    seed: options.seed,
    rate: options.rate,
    durationS: options.durationS,
    start,
    end: new Date(),
    before,
    after,
    method,
    rollbacks,
    interrupted,
    tally,
    notSent: load.notSent,
    faults: faults.windows,
    observations,
    recoveries: recoveries(faults.windows, tally.seconds, observations.samples),
    evidence,
    drained,
    checked,
    violations,
    prefix,
  };
}

/** What the checker found, with when it was seen first; and what was seen and is gone again, which is no less wrong. */
function merge(found: readonly Violation[], seen: readonly SeenViolation[]): SeenViolation[] {
  const nameOf = ({ invariant, subject }: Violation) => `${invariant} ${subject}`;
  const early = new Map(seen.map((violation) => [nameOf(violation), violation]));
  const all: SeenViolation[] = found.map((violation) => {
    const first = early.get(nameOf(violation));
    early.delete(nameOf(violation));
    return { ...violation, ...(first && { at: first.at as number, source: first.source as string }) };
  });
  return [...all, ...early.values()];
}

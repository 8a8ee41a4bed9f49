import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkRun, type RunChecked, unlistedOf } from '../checker/check-run.ts';
import type { Violation } from '../checker/violation.ts';
import type { Env } from '../config.ts';
import type { Experiment } from '../experiment/load-experiment.ts';
import type { Target } from '../targets/target.ts';
import { type Announcer, announce, type Progress } from './announce.ts';
import { bringStock } from './bring-stock.ts';
import { type Drained, drain } from './drain.ts';
import { type EvidenceFound, weighEvidence } from './evidence.ts';
import { FaultLog, type FaultWindow } from './fault-log.ts';
import type { Observations } from './observe.ts';
import { notRecoveredFrom, type Recovery, recoveries } from './recovery.ts';
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
  /** What `configuration` entries of type env find when the target has no such variable. */
  env?: Env;
  /** Aborted: do not wait for open orders any more; the report says that they were open. */
  hurry?: AbortSignal | undefined;
  onProgress?: (progress: Progress) => void;
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
  mkdirSync(options.folder, { recursive: true });
  const clock = { zero: performance.now() };
  const now = () => performance.now() - clock.zero;
  const run = { start: new Date(), clock, now, tally: new Tally(), faults: new FaultLog(now), seen: [] };
  const announcer = announce({ ...run, durationMs: options.durationS * 1000 }, options.onProgress);
  try {
    return await conduct(options, run, announcer);
  } finally {
    announcer.stop();
  }
}

interface Run {
  start: Date;
  /** Set again when the load begins. */
  clock: { zero: number };
  /** Milliseconds since then. */
  now: () => number;
  tally: Tally;
  faults: FaultLog;
  seen: SeenViolation[];
}

async function conduct(options: RunOptions, run: Run, announcer: Announcer): Promise<RunResult> {
  const { experiment, target, signal } = options;
  const { document, valerix } = experiment;
  const { start, now, tally, faults, seen } = run;
  const prefix = `gameday-${options.seed}${target.fresh ? '' : `-${start.getTime().toString(36)}`}`;
  const configuration = configurationOf(document, { ...options.env, ...target.variables });
  const context: ActivityContext = {
    target,
    configuration,
    onDone: (activity, output, effect, startedAt) =>
      faults.note(activity, output, effect, Math.max(0, now() - (Date.now() - startedAt))),
  };

  announcer.enter('before');
  const scale = (options.durationS * options.rate) / (valerix.duration_s * valerix.workload.rate);
  await bringStock(target, { stock: valerix.stock, scale }, prefix);
  const before = await runHypothesis(document, context);
  const rollbacks: ActivityRun[] = [];
  const historyFile = join(options.folder, 'history.jsonl');
  const load = await runUnderLoad({
    ...options,
    ...run,
    context,
    prefix,
    historyFile,
    skip: !before.steady_state_met,
    onSample: announcer.onSample,
    onLoad: () => announcer.enter('load'),
    rollBack: async () => {
      announcer.enter('rollback');
      await runSteps(document.rollbacks, document, context, (one) => rollbacks.push(one));
      await target.heal();
    },
    drain: async () => {
      announcer.enter('drain');
      return drain(
        target.orderDatabaseUrl,
        valerix.drain_s * 1000,
        AbortSignal.any([
          AbortSignal.timeout(valerix.drain_s * 1000 + 1_000),
          ...(options.hurry ? [options.hurry] : []),
        ]),
      );
    },
  });
  const after = before.steady_state_met ? await runHypothesis(document, context) : undefined;

  announcer.enter('check');
  let unchecked: string | undefined;
  const checked = await checkRun({
    services: {
      order: { databaseUrl: target.orderDatabaseUrl },
      inventory: { databaseUrl: target.inventoryDatabaseUrl },
    },
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
  const { drained, observations, method, notSent } = load;
  const recovered = recoveries(faults.windows, tally.seconds, observations.samples);
  const notRecovered = notRecoveredFrom(recovered, tally.seconds);
  return {
    ...judge({
      before,
      after,
      violations,
      unlisted: unlistedOf(checked),
      evidence,
      drained,
      notSent,
      notRecovered,
      interrupted,
      failedSteps,
      unchecked,
    }),
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
    notSent,
    faults: faults.windows,
    observations,
    recoveries: recovered,
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

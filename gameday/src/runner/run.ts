import { join } from 'node:path';
import type { RunChecked } from '../checker/check-run.ts';
import type { Violation } from '../checker/violation.ts';
import type { Env } from '../config.ts';
import type { Experiment } from '../experiment/load-experiment.ts';
import type { Activity } from '../experiment/schema.ts';
import { RUN_FILES } from '../run-folder/run-folder.ts';
import type { Target } from '../targets/target.ts';
import type { Undo } from '../undo/undo.ts';
import { plan } from '../undo/undo-journal.ts';
import type { Progress } from './announce.ts';
import { FaultLog, type FaultWindow } from './fault-log.ts';
import type { Observations } from './observe.ts';
import { TARGET_PROGRAM, wordsOf } from './providers.ts';
import type { Recovery } from './recovery.ts';
import type { ActivityContext, ActivityRun } from './run-activity.ts';
import { configurationOf } from './substitute.ts';
import { Tally } from './tally.ts';
import type { Findings, Judgement } from './verdict.ts';

export interface RunOptions {
  experiment: Experiment;
  target: Target;
  seed: number;
  durationS: number;
  rate: number;
  /** Gets the history; created if it does not exist. */
  folder: string;
  /** Aborted: stop, roll back, report. The reason says why. */
  signal: AbortSignal;
  /** Where `configuration` entries of type env are looked up when the target has no such variable. */
  env?: Env;
  /** Aborted: stop waiting for open orders; the report says that they were open. */
  hurry?: AbortSignal | undefined;
  onProgress?: (progress: Progress) => void;
}

/** A violation; `at` and `source` say when and by which watcher it was seen during the run, if it was. */
export interface SeenViolation extends Violation {
  at?: number;
  source?: string;
}

export interface RunResult
  extends Judgement,
    Pick<RunOptions, 'experiment' | 'seed' | 'rate' | 'durationS'>,
    Pick<Findings, 'before' | 'after' | 'interrupted' | 'notSent' | 'evidence' | 'drained' | 'growth'> {
  /** The other facts behind the verdict, for `verify`. */
  basis: Pick<Findings, 'notRecovered' | 'deathsUnseen' | 'failedSteps' | 'unchecked'> & {
    expectSettled: boolean;
    fresh: boolean;
  };
  /** The target, in words. */
  target: string;
  start: Date;
  end: Date;
  method: ActivityRun[];
  rollbacks: ActivityRun[];
  tally: Tally;
  faults: FaultWindow[];
  observations: Observations;
  recoveries: Recovery[];
  checked: RunChecked | undefined;
  violations: SeenViolation[];
  /** The idempotency keys of the run start with it. */
  prefix: string;
}

/** A run under way: its options, its clock, and what was seen so far. */
export interface Run extends RunOptions {
  start: Date;
  /** Reset when the load begins. */
  clock: { zero: number };
  /** Milliseconds since then. */
  now: () => number;
  tally: Tally;
  faults: FaultLog;
  /** The violations found during the run. */
  seen: SeenViolation[];
  prefix: string;
  historyFile: string;
  context: ActivityContext;
}

/** @throws Error when the experiment's configuration lacks a value */
export function beginRun(options: RunOptions): Run {
  const { experiment, target, seed, folder } = options;
  const start = new Date();
  const clock = { zero: performance.now() };
  const now = () => performance.now() - clock.zero;
  const faults = new FaultLog(now);
  const variables = { ...options.env, ...target.variables };
  return {
    ...options,
    start,
    clock,
    now,
    tally: new Tally(),
    faults,
    seen: [],
    prefix: `gameday-${seed}${target.fresh ? '' : `-${start.getTime().toString(36)}`}`,
    historyFile: join(folder, RUN_FILES.history),
    context: {
      target,
      beforeAct: async ({ name }, provider) => {
        const undo = await undoOf(provider, target);
        if (undo) plan(folder, name, undo);
      },
      configuration: configurationOf(experiment.document, variables),
      python: { secrets: experiment.document.secrets, env: variables },
      onDone: (activity, output, effect, startedAt) =>
        faults.note(activity, output, effect, Math.max(0, now() - (Date.now() - startedAt))),
    },
  };
}

/** The undo of an action; undefined if none is needed. */
async function undoOf(provider: Activity['provider'], target: Target): Promise<Undo | undefined> {
  if (provider.type === 'http') {
    // A request that disarms or halts gets an undo too: it then finds nothing to do.
    return provider.method === 'POST' && provider.url.includes('/api/admin/chaos') ? target.undoOfFault() : undefined;
  }
  const isOurs = provider.type === 'process' && provider.path === TARGET_PROGRAM;
  return isOurs ? target.undoOf(wordsOf(provider.arguments)) : undefined;
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Checked } from '../checker/check-databases.ts';
import { checkRun, unlistedOf } from '../checker/check-run.ts';
import { openSnapshot } from '../checker/database-stream.ts';
import { recordAnswers } from '../checker/recorded-answers.ts';
import { type Violation, violationName } from '../checker/violation.ts';
import { RUN_FILES } from '../run-folder/run-folder.ts';
import { targetSteps } from '../targets/abilities.ts';
import { type Announcer, announce } from './announce.ts';
import { bringStock } from './bring-stock.ts';
import { weighEvidence } from './evidence.ts';
import { growthOf } from './growth.ts';
import { notRecoveredFrom, recoveries } from './recovery.ts';
import { beginRun, type Run, type RunOptions, type RunResult, type SeenViolation } from './run.ts';
import { runHypothesis, type SteadyState } from './run-steps.ts';
import { type LoadResult, runUnderLoad } from './run-under-load.ts';
import { readSettlings, settledInTime } from './settling.ts';
import { judge } from './verdict.ts';

/**
 * Runs an experiment against a target: hypothesis, method under load, rollbacks, drain, hypothesis, check, verdict.
 * Rollbacks run however the rest ended. @throws only when the system cannot be prepared
 */
export async function runExperiment(options: RunOptions): Promise<RunResult> {
  mkdirSync(options.folder, { recursive: true });
  const run = beginRun(options);
  const announcer = announce(
    { ...run, durationMs: run.durationS * 1000, expected: run.experiment.valerix.evidence },
    run.onProgress,
  );
  try {
    return await conduct(run, announcer);
  } finally {
    announcer.stop();
  }
}

async function conduct(run: Run, announcer: Announcer): Promise<RunResult> {
  const { experiment, context } = run;
  const { document, valerix } = experiment;
  announcer.enter('before');
  const obstacles = await run.target.obstacles(targetSteps(document));
  const cannot = obstacles.length > 0 ? `${run.target.description} cannot run it: ${obstacles.join(' ')}` : undefined;
  const scale = (run.durationS * run.rate) / (valerix.duration_s * valerix.workload.rate);
  if (!cannot) await bringStock(run.target, valerix.stock, scale, run.prefix);
  const before = cannot ? { steady_state_met: true, probes: [] } : await runHypothesis(document, context);
  const skip = cannot !== undefined || !before.steady_state_met;
  const load = await runUnderLoad(run, announcer, skip, cannot);
  const after = skip ? undefined : await runHypothesis(document, context);
  announcer.enter('check');
  const checked = await compare(run, load);
  return conclude(run, { before, after }, load, { ...checked, settledInTime: await shareSettledInTime(run) });
}

/** Undefined if no evidence needs it, or the order database does not answer. */
async function shareSettledInTime(run: Run): Promise<number | undefined> {
  const isNeeded = run.experiment.valerix.evidence.some(({ kind }) => kind === 'settled-in-time');
  const settlings = isNeeded ? await readSettlings(run).catch(() => undefined) : undefined;
  return settlings && settledInTime(settlings, run.faults.windows);
}

/** @returns the findings of the checker, or why it could not check */
async function compare({ experiment, target, historyFile, prefix, folder }: Run, { drained }: LoadResult) {
  // Open orders make the run inconclusive; a dead letter never settles by itself, so it counts as unsettled.
  const expectSettled = drained !== undefined && (drained.complete || experiment.valerix.settle_within_drain);
  const { fresh, services } = target;
  const record = recordAnswers(join(folder, RUN_FILES.databases));
  const open = async (key: Checked) => record.of(key, await openSnapshot(key, services[key].databaseUrl));
  try {
    const checked = await checkRun({ services, open, expectSettled, historyFile, prefix, fresh });
    await record.close();
    return { checked, unchecked: undefined, expectSettled };
  } catch (error) {
    await record.close().catch(() => {});
    return { checked: undefined, unchecked: (error as Error).message, expectSettled };
  }
}

function conclude(
  run: Run,
  states: { before: SteadyState; after: SteadyState | undefined },
  load: LoadResult,
  compared: Awaited<ReturnType<typeof compare>> & { settledInTime: number | undefined },
): RunResult {
  const { checked, unchecked, expectSettled, settledInTime } = compared;
  const { experiment, target, seed, rate, durationS, start, tally, signal, prefix } = run;
  const { stopped, ...during } = load;
  const faults = run.faults.windows;
  const violations = merge(checked?.violations ?? [], run.seen);
  const evidence = weighEvidence(experiment.valerix.evidence, {
    faults,
    observations: load.observations,
    totals: tally.totals,
    checked,
    settledInTime,
  });
  const interrupted = signal.aborted ? String(signal.reason) : stopped;
  const failedSteps = [...load.method, ...load.rollbacks].flatMap(({ status, activity, exception }) =>
    status === 'failed' ? [`"${activity.name}": ${exception}`] : [],
  );
  const recovered = recoveries(faults, tally.seconds, load.observations.samples);
  const notRecovered = notRecoveredFrom(recovered, tally.seconds, experiment.valerix.evidence);
  const limit = experiment.valerix.max_growth;
  const growth = limit === undefined ? undefined : growthOf(limit, durationS, tally.seconds, load.observations.samples);
  const found = { ...states, ...during, violations, evidence, interrupted, growth };
  const deathsUnseen = [...new Set(faults.flatMap(({ name, deathUnseen }) => (deathUnseen ? [name] : [])))];
  const basis = { notRecovered, deathsUnseen, failedSteps, unchecked, expectSettled, fresh: target.fresh };
  return {
    ...judge({ ...found, ...basis, unlisted: unlistedOf(checked) }),
    ...found,
    basis,
    ...{ experiment, target: target.description, seed, rate, durationS, prefix, start, end: new Date() },
    ...{ tally, faults, recoveries: recovered, checked },
  };
}

/** The checker's violations, each with the time it was first seen, and those seen during the run that are gone: equally wrong. */
export function merge(found: readonly Violation[], seen: readonly SeenViolation[]): SeenViolation[] {
  const early = new Map(seen.map((violation) => [violationName(violation), violation]));
  const all = found.map((violation): SeenViolation => {
    const first = early.get(violationName(violation));
    early.delete(violationName(violation));
    return { ...first, ...violation };
  });
  return [...all, ...early.values()];
}

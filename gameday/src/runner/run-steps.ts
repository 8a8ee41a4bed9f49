import { resolveStep } from '../experiment/resolve-step.ts';
import type { ExperimentDocument, Step } from '../experiment/schema.ts';
import { type ActivityContext, type ActivityRun, runActivity } from './run-activity.ts';

export interface SteadyState {
  steady_state_met: boolean;
  probes: ActivityRun[];
}

/** Runs the probes of the hypothesis until one is not met. Without a hypothesis the steady state is met. */
export async function runHypothesis(document: ExperimentDocument, context: ActivityContext): Promise<SteadyState> {
  const probes: ActivityRun[] = [];
  for (const probe of document['steady-state-hypothesis']?.probes ?? []) {
    const run = await runActivity(resolveStep(probe, document), context);
    probes.push(run);
    if (!run.tolerance_met) return { steady_state_met: false, probes };
  }
  return { steady_state_met: true, probes };
}

/** Runs steps one after another; background steps run beside the rest. */
export async function runSteps(
  steps: readonly Step[],
  document: ExperimentDocument,
  context: ActivityContext,
  onRun: (run: ActivityRun) => unknown,
): Promise<void> {
  const behind: Promise<void>[] = [];
  for (const step of steps) {
    if (context.signal?.aborted) break;
    const activity = resolveStep(step, document);
    const run = runActivity(activity, context).then((done) => void onRun(done));
    if (activity.background) behind.push(run);
    else await run;
  }
  await Promise.all(behind);
}

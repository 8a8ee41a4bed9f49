import { pause } from '@valerix/service-kit/backoff';
import type { Activity } from '../experiment/schema.ts';
import type { Effect, Target } from '../targets/target.ts';
import { runHttp, runProcess } from './providers.ts';
import { type Configuration, substitute } from './substitute.ts';
import { isTolerated } from './tolerance.ts';

/** One activity in the journal, with the Chaos Toolkit's fields. */
export interface ActivityRun {
  activity: Activity;
  output: unknown;
  status: 'succeeded' | 'failed' | 'skipped';
  start: string;
  end: string;
  /** Seconds. */
  duration: number;
  tolerance_met?: boolean;
  exception?: string;
}

export interface ActivityContext {
  target: Pick<Target, 'act'>;
  configuration: Configuration;
  /** Called before an action acts; when it rejects, the action fails and does not act. */
  beforeAct?: (activity: Activity, provider: Activity['provider']) => Promise<void>;
  /** Called with the effect of an activity, as soon as it is carried out. */
  onDone?: (activity: Activity, output: unknown, effect: Effect | undefined, startedAt: number) => void;
  signal?: AbortSignal;
}

/** Carries out one activity with its pauses. Never throws: the result says how it went. */
export async function runActivity(activity: Activity, context: ActivityContext): Promise<ActivityRun> {
  await pause((activity.pauses?.before ?? 0) * 1000, context.signal);
  const startedAt = Date.now();
  const start = new Date(startedAt).toISOString();
  const run: ActivityRun = { activity, output: null, status: 'succeeded', start, end: '', duration: 0 };
  if (context.signal?.aborted) {
    run.status = 'skipped';
  } else {
    try {
      const provider = substitute(activity.provider, context.configuration);
      if (activity.type === 'action') await context.beforeAct?.(activity, provider);
      const done: { output: { status: number; stdout?: string }; effect?: Effect } =
        provider.type === 'http' ? { output: await runHttp(provider) } : await runProcess(provider, context.target);
      run.output = done.output;
      context.onDone?.(activity, done.output, done.effect, startedAt);
      if (activity.type === 'probe' && activity.tolerance !== undefined) {
        run.tolerance_met = isTolerated(activity.tolerance, done.output);
      } else if (activity.type === 'action' && failed(done.output)) {
        run.status = 'failed';
        run.exception = `it answered ${JSON.stringify(done.output).slice(0, 300)}`;
      }
    } catch (error) {
      run.status = 'failed';
      run.exception = (error as Error).message || String(error);
      if (activity.type === 'probe' && activity.tolerance !== undefined) run.tolerance_met = false;
    }
  }
  run.end = new Date().toISOString();
  run.duration = (Date.now() - startedAt) / 1000;
  await pause((activity.pauses?.after ?? 0) * 1000, context.signal);
  return run;
}

/** An action did nothing when its request was refused or its program failed: that must not count as a fault. */
function failed(output: { status: number; stdout?: string }): boolean {
  return output.stdout === undefined ? output.status >= 400 : output.status !== 0;
}

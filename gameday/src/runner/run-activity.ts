import { pause } from '@valerix/service-kit/backoff';
import { type PythonContext, runPython } from '../chaos-toolkit.ts';
import type { Activity, Tolerance } from '../experiment/schema.ts';
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
  /** Called before an action. If it rejects, the action fails without acting. */
  beforeAct?: (activity: Activity, provider: Activity['provider']) => Promise<void>;
  /** For activities in Python. */
  python?: Pick<PythonContext, 'secrets' | 'env'>;
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
      const done = await provide(activity.name, provider, context);
      run.output = done.output;
      context.onDone?.(activity, done.output, done.effect, startedAt);
      if (activity.type === 'probe' && activity.tolerance !== undefined) {
        run.tolerance_met = await meets(activity.tolerance, done.output, context);
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

async function provide(
  name: string,
  provider: Activity['provider'],
  { configuration, target, python = { secrets: {}, env: {} }, signal }: ActivityContext,
): Promise<{ output: unknown; effect?: Effect }> {
  switch (provider.type) {
    case 'http':
      return { output: await runHttp(provider) };
    case 'process':
      return runProcess(provider, target);
    case 'python':
      return { output: await runPython(name, provider, { configuration, ...python, ...(signal && { signal }) }) };
  }
}

/** A tolerance of type probe gets the output as its argument `value`. It holds if it succeeds and does not return false. */
async function meets(tolerance: Tolerance, output: unknown, context: ActivityContext): Promise<boolean> {
  const substituted = substitute(tolerance, context.configuration);
  if (typeof substituted !== 'object' || !('type' in substituted) || substituted.type !== 'probe') {
    return isTolerated(substituted as Parameters<typeof isTolerated>[0], output);
  }
  const { name, provider } = substituted;
  const given = typeof provider.arguments === 'object' && !Array.isArray(provider.arguments) ? provider.arguments : {};
  const asked = { ...provider, arguments: { ...given, value: output } } as Activity['provider'];
  const { output: result } = await provide(name, asked, context);
  return Boolean(result) && !failed(result);
}

/** An action did nothing when its request was refused or its program failed: that must not count as a fault. */
function failed(output: unknown): boolean {
  if (typeof output !== 'object' || output === null || !('status' in output)) return false;
  const { status, stdout } = output as { status: unknown; stdout?: string };
  return typeof status === 'number' && (stdout === undefined ? status >= 400 : status !== 0);
}

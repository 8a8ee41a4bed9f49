import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { type Experiment, loadExperiment } from '../experiment/load-experiment.ts';
import { progressLine } from '../progress-line.ts';
import { runAndReport } from '../run-and-report.ts';
import { openProgressFile } from '../run-folder/progress-file.ts';
import { gamedaysFolder, makeRunFolder } from '../run-folder/run-folder.ts';
import { summarise } from '../runner/recovery.ts';
import type { RunResult } from '../runner/run.ts';
import { EXIT_CODES, EXIT_UNUSABLE, type Verdict } from '../runner/verdict.ts';
import { openTarget, requireTargetKind } from '../targets/open-target.ts';
import { type Target, TargetError } from '../targets/target.ts';
import { numberOf } from './flags.ts';
import { type Interrupt, onInterrupt } from './interrupt.ts';

export interface RunFlags {
  duration?: string | undefined;
  rate?: string | undefined;
  seed?: string | undefined;
  target?: string | undefined;
  attach?: boolean | undefined;
  yes?: boolean | undefined;
  namespace?: string | undefined;
  report?: string | undefined;
  laboratory?: boolean | undefined;
}

/** Runs experiments one after another, each against a target of its own. @returns the worst exit code */
export async function runCommand(config: Config, names: readonly string[], flags: RunFlags): Promise<number> {
  if (names.length === 0) {
    console.error('Name an experiment, or several; "list" shows them.');
    return EXIT_UNUSABLE;
  }
  const experiments = names.map((name) => loadExperiment(name));
  requireTargetKind(flags);
  const settings = {
    duration: numberOf(flags.duration, 'duration'),
    rate: numberOf(flags.rate, 'rate'),
    seed: numberOf(flags.seed, 'seed'),
  };
  const parent = flags.laboratory ? 'laboratory' : 'terminal';
  const stage = { begun: false };
  const follows = () => (stage.begun ? 'rolling back; the report follows.' : 'stopping before it has begun.');
  const { release, ...ends } = onInterrupt(follows, parent);
  let worst: Verdict = 'PASS';
  try {
    for (const experiment of experiments) {
      const { verdict } = await runOne(config, experiment, settings, flags, ends, stage);
      worst = worse(worst, verdict);
      if (ends.signal.aborted) break;
    }
  } finally {
    release();
  }
  return EXIT_CODES[worst];
}

interface Settings {
  duration: number | undefined;
  rate: number | undefined;
  seed: number | undefined;
}

/** One experiment in a folder of its own. Whatever happens, the folder says how it ended. */
async function runOne(
  config: Config,
  experiment: Experiment,
  settings: Settings,
  flags: RunFlags,
  { signal, hurry }: Omit<Interrupt, 'release'>,
  stage: { begun: boolean },
): Promise<RunResult> {
  stage.begun = false;
  const { valerix, document } = experiment;
  const parent = flags.report ? resolve(flags.report) : gamedaysFolder(config.home);
  const { id, path: folder } = makeRunFolder(parent, experiment.name);
  const seed = settings.seed ?? valerix.seed;
  const durationS = settings.duration ?? valerix.duration_s;
  const rate = settings.rate ?? valerix.workload.rate;
  console.log(`${document.title}\n  ${document['steady-state-hypothesis']?.title ?? document.description}`);
  const file = openProgressFile(folder, {
    experiment: experiment.name,
    title: document.title,
    seed,
    rate,
    duration_s: durationS,
    started_by: flags.laboratory ? 'laboratory' : 'terminal',
  });
  const onAbort = () => file.stopping(String(signal.reason));
  signal.addEventListener('abort', onAbort, { once: true });
  if (flags.laboratory) process.send?.({ id });
  const line = progressLine(experiment.name, process.stderr);
  try {
    const { result, report } = await runAndReport({
      experiment,
      seed,
      durationS,
      rate,
      folder,
      signal,
      env: config.env,
      hurry,
      async open(onNotice) {
        const opening = openTarget({ config, flags, replicas: valerix.replicas, seed, signal, onNotice });
        const target = await unlessStopped(opening, signal);
        stage.begun = true;
        return target;
      },
      onProgress(progress) {
        line.show(progress);
        file.show(progress);
      },
    });
    line.end();
    printSummary(result, report);
    file.end(result.verdict);
    return result;
  } catch (error) {
    file.failed((error as Error).message || String(error));
    throw error;
  } finally {
    line.end();
    signal.removeEventListener('abort', onAbort);
    file.close();
  }
}

/** The target, once it is there. @throws {TargetError} when it was not to be waited for; nothing of it is left then */
async function unlessStopped(opening: Promise<Target>, signal: AbortSignal): Promise<Target> {
  const target = await opening.catch((error) => {
    if (!signal.aborted) throw error;
  });
  if (target && !signal.aborted) return target;
  await target?.close();
  throw new TargetError('It was stopped before it had begun: nothing was broken, and there is no report.');
}

function printSummary(result: RunResult, report: string): void {
  const { totals, latency } = result.tally;
  console.log(`  ${result.verdict}: ${result.reasons.join('\n        ')}`);
  console.log(
    `  ${totals.placed} orders: ${totals.confirmed} confirmed, ${totals.queued} queued first, ${totals.refused} refused, ` +
      `${totals.unknown} unknown to their clients; p50 ${Math.round(latency.quantile(0.5))} ms, p99 ${Math.round(latency.quantile(0.99))} ms`,
  );
  for (const { fault, times, median, longest, unseen } of summarise(result.faults, result.recoveries)) {
    const after = median === undefined ? 'no recovery seen' : `recovered after ${median.toFixed(1)} s`;
    const more = times > 1 ? ` (${times} times, longest ${longest?.toFixed(1) ?? '–'} s, ${unseen} not seen)` : '';
    console.log(`  ${fault}: ${after}${more}`);
  }
  console.log(`  Report: ${report}`);
}

const ORDER: readonly Verdict[] = ['PASS', 'INCONCLUSIVE', 'FAIL'];
const worse = (a: Verdict, b: Verdict): Verdict => (ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b);

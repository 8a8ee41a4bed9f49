import { createWriteStream, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { type Experiment, loadExperiment } from '../experiment/load-experiment.ts';
import { progressLine } from '../progress-line.ts';
import { journalOf } from '../report/journal.ts';
import { writeReport } from '../report/write-report.ts';
import { openProgressFile, type ProgressFile } from '../run-folder/progress-file.ts';
import { gamedaysFolder, makeRunFolder, RUN_FILES } from '../run-folder/run-folder.ts';
import type { Progress } from '../runner/announce.ts';
import { summarise } from '../runner/recovery.ts';
import { type RunResult, runExperiment } from '../runner/run-experiment.ts';
import { EXIT_CODES, EXIT_UNUSABLE, type Verdict } from '../runner/verdict.ts';
import { openTarget, requireTargetKind } from '../targets/open-target.ts';
import { TargetError } from '../targets/target.ts';

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
  requireTargetKind(flags.target);
  const settings = {
    duration: positive(flags.duration, 'duration'),
    rate: positive(flags.rate, 'rate'),
    seed: positive(flags.seed, 'seed'),
  };
  const stopping = new AbortController();
  const hurrying = new AbortController();
  const release = onInterrupt(stopping, hurrying, flags.laboratory === true);
  let worst: Verdict = 'PASS';
  try {
    for (const experiment of experiments) {
      const { verdict } = await runOne(config, experiment, settings, flags, {
        signal: stopping.signal,
        hurry: hurrying.signal,
      });
      worst = worse(worst, verdict);
      if (stopping.signal.aborted) break;
    }
  } finally {
    release();
  }
  return EXIT_CODES[worst];
}

/** Aborted: end early; and: do not wait for open orders either. */
interface Ends {
  signal: AbortSignal;
  hurry: AbortSignal;
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
  { signal, hurry }: Ends,
): Promise<RunResult> {
  const { valerix, document } = experiment;
  const { id, path } = makeRunFolder(
    flags.report ? resolve(flags.report) : gamedaysFolder(config.home),
    experiment.name,
  );
  const plan = {
    seed: settings.seed ?? valerix.seed,
    durationS: settings.duration ?? valerix.duration_s,
    rate: settings.rate ?? valerix.workload.rate,
  };
  console.log(`${document.title}\n  ${document['steady-state-hypothesis']?.title ?? document.description}`);
  const progress = openProgressFile(path, {
    experiment: experiment.name,
    title: document.title,
    seed: plan.seed,
    rate: plan.rate,
    duration_s: plan.durationS,
    started_by: flags.laboratory ? 'laboratory' : 'terminal',
  });
  const onAbort = () => progress.stopping(String(signal.reason));
  signal.addEventListener('abort', onAbort, { once: true });
  if (flags.laboratory) process.send?.({ id });
  try {
    const result = await runInFolder({ config, experiment, plan, flags, signal, hurry, path, progress });
    progress.end(result.verdict);
    return result;
  } catch (error) {
    progress.failed((error as Error).message || String(error));
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    progress.close();
  }
}

async function runInFolder({
  config,
  experiment,
  plan,
  flags,
  signal,
  hurry,
  path,
  progress,
}: Ends & {
  config: Config;
  experiment: Experiment;
  plan: { seed: number; durationS: number; rate: number };
  flags: RunFlags;
  path: string;
  progress: ProgressFile;
}): Promise<RunResult> {
  const notices = createWriteStream(join(path, RUN_FILES.target));
  const target = await openTarget({
    config,
    flags,
    replicas: experiment.valerix.replicas,
    seed: plan.seed,
    signal,
    onNotice: (name, text) => notices.write(`${new Date().toISOString()} ${name}: ${text}\n`),
  });
  const line = progressLine(experiment.name, process.stderr);
  let last: Progress | undefined;
  const onProgress = (now: Progress) => {
    last = now;
    line.show(now);
    progress.show(now);
  };
  try {
    const result = await runExperiment({ experiment, target, ...plan, folder: path, signal, hurry, onProgress });
    line.end();
    writeFileSync(join(path, RUN_FILES.journal), `${JSON.stringify(journalOf(result), null, 2)}\n`);
    const report = await writeReport(result, target, path);
    printSummary(result, report);
    return result;
  } finally {
    line.end();
    if (last) progress.show({ ...last, phase: 'closing' });
    await target.close();
    notices.end();
  }
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

/** An interrupted run of a laboratory that stops may wait so long for open orders. */
const HURRY_MS = 3_000;

/**
 * The first Ctrl-C rolls back and reports; a second one ends at once. A run of the laboratory does not outlive it: when its
 * end of the channel is closed, that is an interrupt too, and it is told to hurry when the laboratory is being stopped.
 */
function onInterrupt(stopping: AbortController, hurrying: AbortController, ofLaboratory: boolean): () => void {
  const hurry = () => setTimeout(() => hurrying.abort(), HURRY_MS).unref();
  const handler = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(130);
    console.error(`\n${signal}: rolling back; the report follows. Once more ends at once.`);
    stopping.abort(ofLaboratory ? 'it was stopped in the laboratory' : `${signal} from the terminal`);
  };
  const orphaned = () => {
    stopping.abort('the laboratory that started it is gone');
    hurry();
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  if (ofLaboratory) process.once('disconnect', orphaned);
  if (ofLaboratory) process.on('message', hurry);
  return () => {
    process.off('SIGINT', handler);
    process.off('SIGTERM', handler);
    process.off('disconnect', orphaned);
    process.off('message', hurry);
  };
}

function positive(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0) || value > 1_000_000) throw new TargetError(`--${flag} must be a number above 0, not "${text}".`);
  return value;
}

const ORDER: readonly Verdict[] = ['PASS', 'INCONCLUSIVE', 'FAIL'];
const worse = (a: Verdict, b: Verdict): Verdict => (ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b);

import type { Config } from '../config.ts';
import { type Experiment, loadExperiment } from '../experiment/load-experiment.ts';
import { progressLine } from '../progress-line.ts';
import {
  type Baseline,
  figuresOf,
  readBaseline,
  requireComparable,
  worseThan,
  writeBaseline,
} from '../report/baseline.ts';
import { type GateEntry, writeGate } from '../report/gate.ts';
import { runAndReport } from '../run-and-report.ts';
import { openProgressFile } from '../run-folder/progress-file.ts';
import { makeRunFolder } from '../run-folder/run-folder.ts';
import { summarise } from '../runner/recovery.ts';
import type { RunResult } from '../runner/run.ts';
import { EXIT_CODES, EXIT_WORSE } from '../runner/verdict.ts';
import { openTarget, requireTargetKind } from '../targets/open-target.ts';
import { type Target, TargetError } from '../targets/target.ts';
import { undoAbandoned } from '../undo/abandoned.ts';
import { plan, settle } from '../undo/undo-journal.ts';
import { type Flags, numberOf, parentOf, worstOf } from './flags.ts';
import { onInterrupt } from './interrupt.ts';
import { ignoredInWords } from './validate.ts';

/** Runs experiments one after another, each against a target of its own. @returns the worst exit code */
export async function runCommand(config: Config, names: readonly string[], flags: Flags): Promise<number> {
  const experiments = names.map((name) => loadExperiment(name));
  requireTargetKind(flags);
  const settings = settingsOf(flags);
  const before = baselineOf(flags, experiments, settings);
  const parent = flags.laboratory ? 'laboratory' : 'terminal';
  const stage = { begun: false };
  const follows = () => (stage.begun ? 'rolling back; the report follows.' : 'stopping before it has begun.');
  const { release, ...ends } = onInterrupt(follows, parent);
  const entries: GateEntry[] = experiments.map(({ name }) => ({ name, problem: 'It was not reached.' }));
  try {
    await undoAbandoned(parentOf(config, flags), config.env, (line) => console.error(line));
    for (const [index, experiment] of experiments.entries()) {
      const entry = entries[index] as GateEntry;
      entry.result = await runOne(config, experiment, settings, flags, ends, stage).catch((error) => {
        entry.problem = (error as Error).message;
        throw error;
      });
      entry.worse = compare(entry.result, before);
      if (ends.signal.aborted) break;
    }
  } finally {
    release();
    writeGate(entries, flags);
    if (flags.baseline && flags.writeBaseline) {
      writeBaseline(flags.baseline, entries.flatMap(passed));
      const without = entries.filter((entry) => passed(entry).length === 0).map(({ name }) => name);
      if (without.length > 0)
        console.log(`Only a PASS has figures for the baseline: it got none of ${without.join(', ')}.`);
    }
  }
  const code = EXIT_CODES[worstOf(entries.flatMap(({ result }) => result?.verdict ?? []))];
  return code === 0 && entries.some(({ worse = [] }) => worse.length > 0) ? EXIT_WORSE : code;
}

/** The baseline to compare with, if any. @throws {TargetError} before anything runs, when a comparison would say nothing */
function baselineOf(flags: Flags, experiments: readonly Experiment[], settings: ReturnType<typeof settingsOf>) {
  const { baseline: file, writeBaseline: writes } = flags;
  if (writes && !file) throw new TargetError('--write-baseline needs --baseline FILE.');
  if (!file) return undefined;
  const before = readBaseline(file);
  if (writes) return undefined;
  requireComparable(file, before, experiments, settings);
  return before;
}

const passed = ({ result }: GateEntry): RunResult[] => (result?.verdict === 'PASS' ? [result] : []);

function compare(result: RunResult, baseline: Baseline | undefined): string[] {
  const before = baseline?.[result.experiment.name];
  if (!before || result.verdict !== 'PASS') return [];
  const worse = worseThan(before, figuresOf(result));
  if (worse.length > 0) console.log(`  WORSE than the baseline: ${worse.join('\n        ')}`);
  return worse;
}

const isFresh = (flags: Flags): boolean => requireTargetKind(flags) === 'local' && !flags.attach;

const settingsOf = (flags: Flags) => ({
  duration: numberOf(flags.duration, 'duration'),
  rate: numberOf(flags.rate, 'rate'),
  seed: numberOf(flags.seed, 'seed'),
});

/** Runs one experiment in a folder of its own. The folder always says how the run ended. */
async function runOne(
  config: Config,
  experiment: Experiment,
  settings: ReturnType<typeof settingsOf>,
  flags: Flags,
  { signal, hurry }: { signal: AbortSignal; hurry: AbortSignal },
  stage: { begun: boolean },
): Promise<RunResult> {
  stage.begun = false;
  const { valerix, document } = experiment;
  const { id, path: folder } = makeRunFolder(parentOf(config, flags), experiment.name);
  const { seed = valerix.seed, duration: durationS = valerix.duration_s, rate = valerix.workload.rate } = settings;
  console.log(`${document.title}\n  ${document['steady-state-hypothesis']?.title ?? document.description}`);
  if (experiment.ignored.length > 0) console.log(ignoredInWords(experiment.ignored));
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
  const stack = isFresh(flags) && plan(folder, 'the stack of the run', { do: 'delete-stack' });
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
    // The target is closed, however the run ended.
    if (stack) settle(folder, stack);
    signal.removeEventListener('abort', onAbort);
    file.close();
  }
}

/** The target, once it is open. @throws {TargetError} when the run was stopped meanwhile; the target is then closed */
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
  const at = (share: number) => `${Math.round(latency.quantile(share))} ms`;
  console.log(`  ${result.verdict}: ${result.reasons.join('\n        ')}`);
  console.log(
    `  ${totals.placed} orders: ${totals.confirmed} confirmed, ${totals.queued} queued first, ${totals.refused} refused, ` +
      `${totals.unknown} unknown to their clients; p50 ${at(0.5)}, p99 ${at(0.99)}; ${totals.reads} reads`,
  );
  for (const { fault, times, median, longest, unseen } of summarise(result.faults, result.recoveries)) {
    const after = median === undefined ? 'no recovery seen' : `recovered after ${median.toFixed(1)} s`;
    const more = times > 1 ? ` (${times} times, longest ${longest?.toFixed(1) ?? '–'} s, ${unseen} not seen)` : '';
    console.log(`  ${fault}: ${after}${more}`);
  }
  console.log(`  Report: ${report}`);
}

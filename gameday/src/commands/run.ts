import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { type Experiment, loadExperiment } from '../experiment/load-experiment.ts';
import { progressLine } from '../progress-line.ts';
import { journalOf } from '../report/journal.ts';
import { writeReport } from '../report/write-report.ts';
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
  const release = onInterrupt(stopping);
  let worst: Verdict = 'PASS';
  try {
    for (const experiment of experiments) {
      const { verdict } = await runOne(config, experiment, settings, flags, stopping.signal);
      worst = worse(worst, verdict);
      if (stopping.signal.aborted) break;
    }
  } finally {
    release();
  }
  return EXIT_CODES[worst];
}

async function runOne(
  config: Config,
  experiment: Experiment,
  settings: { duration: number | undefined; rate: number | undefined; seed: number | undefined },
  flags: RunFlags,
  signal: AbortSignal,
): Promise<RunResult> {
  const { valerix, document } = experiment;
  const folder = join(flags.report ? resolve(flags.report) : join(config.home, 'gameday'), folderName(experiment.name));
  mkdirSync(folder, { recursive: true });
  const seed = settings.seed ?? valerix.seed;
  console.log(`${document.title}\n  ${document['steady-state-hypothesis']?.title ?? document.description}`);
  const notices = createWriteStream(join(folder, 'target.log'));
  const target = await openTarget({
    config,
    flags,
    replicas: valerix.replicas,
    seed,
    signal,
    onNotice: (name, text) => notices.write(`${new Date().toISOString()} ${name}: ${text}\n`),
  });
  const line = progressLine(experiment.name, process.stderr);
  try {
    const result = await runExperiment({
      experiment,
      target,
      seed,
      durationS: settings.duration ?? valerix.duration_s,
      rate: settings.rate ?? valerix.workload.rate,
      folder,
      signal,
      onProgress: line.show,
    });
    line.end();
    writeFileSync(join(folder, 'journal.json'), `${JSON.stringify(journalOf(result), null, 2)}\n`);
    const report = await writeReport(result, target, folder);
    printSummary(result, report);
    return result;
  } finally {
    line.end();
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
  for (const { fault, seconds } of result.recoveries) {
    console.log(
      `  ${fault}: ${seconds === undefined ? 'no recovery seen' : `recovered after ${seconds.toFixed(1)} s`}`,
    );
  }
  console.log(`  Report: ${report}`);
}

/** The first Ctrl-C rolls back and reports; a second one ends at once. */
function onInterrupt(stopping: AbortController): () => void {
  const handler = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(130);
    console.error(`\n${signal}: rolling back; the report follows. Once more ends at once.`);
    stopping.abort(`${signal} from the terminal`);
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return () => {
    process.off('SIGINT', handler);
    process.off('SIGTERM', handler);
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

const folderName = (name: string): string => `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}-${name}`;

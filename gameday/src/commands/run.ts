import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { type Experiment, loadExperiment } from '../experiment/load-experiment.ts';
import { progressLine } from '../progress-line.ts';
import { summarise } from '../runner/recovery.ts';
import { runAndReport } from '../runner/run-and-report.ts';
import type { RunResult } from '../runner/run-experiment.ts';
import { EXIT_CODES, EXIT_UNUSABLE, type Verdict } from '../runner/verdict.ts';
import { openTarget, requireTargetKind } from '../targets/open-target.ts';
import { folderName, positive } from './flags.ts';
import { onInterrupt } from './interrupt.ts';

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
  const { signal, release } = onInterrupt('rolling back; the report follows.');
  let worst: Verdict = 'PASS';
  try {
    for (const experiment of experiments) {
      const { verdict } = await runOne(config, experiment, settings, flags, signal);
      worst = worse(worst, verdict);
      if (signal.aborted) break;
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
  const seed = settings.seed ?? valerix.seed;
  console.log(`${document.title}\n  ${document['steady-state-hypothesis']?.title ?? document.description}`);
  const line = progressLine(experiment.name, process.stderr);
  try {
    const { result, report } = await runAndReport({
      experiment,
      seed,
      durationS: settings.duration ?? valerix.duration_s,
      rate: settings.rate ?? valerix.workload.rate,
      folder,
      signal,
      open: (onNotice) => openTarget({ config, flags, replicas: valerix.replicas, seed, signal, onNotice }),
      onProgress: line.show,
    });
    line.end();
    printSummary(result, report);
    return result;
  } finally {
    line.end();
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

const ORDER: readonly Verdict[] = ['PASS', 'INCONCLUSIVE', 'FAIL'];
const worse = (a: Verdict, b: Verdict): Verdict => (ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b);

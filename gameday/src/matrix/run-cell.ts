import { join } from 'node:path';
import { perService } from '@valerix/system';
import type { Defence } from '../defences/defence.ts';
import { dropGuards, laboratoryEnv } from '../defences/laboratory.ts';
import { readPlacements } from '../defences/placements.ts';
import { defenceExperimentsFolder, loadExperiment } from '../experiment/load-experiment.ts';
import { runAndReport } from '../run-and-report.ts';
import { RUN_FILES } from '../run-folder/run-folder.ts';
import type { Progress } from '../runner/announce.ts';
import type { RunResult } from '../runner/run.ts';
import { startLocalTarget } from '../targets/local-target.ts';
import type { Target } from '../targets/target.ts';
import { type Cell, judgeCell } from './verdicts.ts';

interface CellOptions {
  defence: Defence;
  /** Whether the defence is in place. */
  defended: boolean;
  /** Instead of the experiment's seed. */
  seed: number | undefined;
  /** The parent of the run's folder. */
  folder: string;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** Runs the experiment of a defence once, on a fresh stack, with or without the defence. Never throws. */
export async function runCell(options: CellOptions): Promise<Cell> {
  const { defence, defended } = options;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const folder = join(options.folder, `${defence.name}-${defended ? 'with' : 'without'}`);
  try {
    const { result, report } = await run(options, folder);
    const placements = await readPlacements(join(folder, RUN_FILES.history));
    const judged = judgeCell(defence.property, { result, placements }, defended);
    return { ...judged, ...figures(result), seconds: seconds(), report };
  } catch (error) {
    const seen = (error as Error).message;
    // Stopping a stack while it starts does not mean that it could not start.
    const verdict = options.signal.aborted ? 'inconclusive' : 'unusable';
    return { verdict, seen, reasons: [seen], broken: [], seconds: seconds(), orders: 0, hits: 0, report: '' };
  }
}

function run(options: CellOptions, folder: string) {
  const { defence, defended, signal, onProgress } = options;
  const experiment = loadExperiment(defence.experiment, defenceExperimentsFolder);
  const { valerix, document } = experiment;
  const title = defended ? document.title : `${document.title}, without ${defence.name}`;
  const seed = options.seed ?? valerix.seed;
  return runAndReport({
    experiment: { ...experiment, document: { ...document, title } },
    seed,
    durationS: valerix.duration_s,
    rate: valerix.workload.rate,
    folder,
    signal,
    onProgress,
    open: (onNotice) => {
      const stack = { replicas: valerix.replicas, seed, signal, onNotice, env: defence.settings ?? {} };
      return defended ? startLocalTarget(stack) : startWithout(defence, stack);
    },
  });
}

/** A stack in laboratory mode: the services without the defence, and the schemas without the guards that back it up. */
async function startWithout(
  { name, cuts, guards, settings }: Defence,
  stack: Parameters<typeof startLocalTarget>[0],
): Promise<Target> {
  const env = laboratoryEnv(name, cuts);
  const target = await startLocalTarget({ ...stack, env: perService((key) => ({ ...settings?.[key], ...env })) });
  try {
    await dropGuards(target, guards);
  } catch (error) {
    await target.close();
    throw error;
  }
  return { ...target, description: `${target.description} in laboratory mode, without ${name}` };
}

function figures({ violations, tally, faults }: RunResult): Pick<Cell, 'broken' | 'orders' | 'hits'> {
  return {
    broken: [...new Set(violations.map(({ invariant }) => invariant))].sort(
      (a, b) => Number(a.slice(1)) - Number(b.slice(1)),
    ),
    orders: tally.totals.placed,
    hits: faults.reduce((sum, { fired }) => sum + fired, 0),
  };
}

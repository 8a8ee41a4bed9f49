import { join } from 'node:path';
import { perService } from '@valerix/system';
import type { Defence } from '../defences/defences.ts';
import { dropGuards, laboratoryEnv } from '../defences/laboratory.ts';
import { readPlacements } from '../defences/placements.ts';
import { defenceExperimentsFolder, type Experiment, loadExperiment } from '../experiment/load-experiment.ts';
import { runAndReport } from '../run-and-report.ts';
import { RUN_FILES } from '../run-folder/run-folder.ts';
import type { Progress } from '../runner/announce.ts';
import type { RunResult } from '../runner/run.ts';
import { startLocalTarget } from '../targets/local-target.ts';
import type { Target } from '../targets/target.ts';
import { type Cell, judgeCell } from './verdicts.ts';

interface CellOptions {
  defence: Defence;
  /** Whether the defence is there. */
  defended: boolean;
  /** Another seed than the experiment's. */
  seed: number | undefined;
  /** Gets a folder for the run. */
  folder: string;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** Runs the experiment of a defence once, on a fresh stack, with the defence or without it. Never throws. */
export async function runCell(options: CellOptions): Promise<Cell> {
  const { defence, defended } = options;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const folder = join(options.folder, cellName(options));
  try {
    const { result, report } = await run(options, folder);
    const placements = await readPlacements(join(folder, RUN_FILES.history));
    return {
      ...judgeCell(defence.property, { result, placements }, defended),
      ...figures(result),
      seconds: seconds(),
      report,
    };
  } catch (error) {
    const seen = (error as Error).message;
    // A stack that was told to stop while it started is no stack that could not be started.
    const verdict = options.signal.aborted ? 'inconclusive' : 'unusable';
    return { verdict, seen, reasons: [seen], broken: [], seconds: seconds(), orders: 0, hits: 0, report: '' };
  }
}

const cellName = ({ defence, defended }: Pick<CellOptions, 'defence' | 'defended'>): string =>
  `${defence.name}-${defended ? 'with' : 'without'}`;

function run(options: CellOptions, folder: string) {
  const { defence, defended, signal, onProgress } = options;
  const experiment = loadExperiment(defence.experiment, defenceExperimentsFolder);
  const { valerix } = experiment;
  const seed = options.seed ?? valerix.seed;
  return runAndReport({
    experiment: defended ? experiment : entitled(experiment, `${experiment.document.title}, without ${defence.name}`),
    seed,
    durationS: valerix.duration_s,
    rate: valerix.workload.rate,
    folder,
    signal,
    onProgress,
    open: (onNotice) => {
      const stack = { replicas: valerix.replicas, seed, signal, onNotice };
      return defended ? startLocalTarget(stack) : startWithout(defence, stack);
    },
  });
}

/** A stack in laboratory mode: both services without the defence, and the schemas without what would stand in for it. */
async function startWithout(
  { name, cuts, guards }: Defence,
  stack: Omit<Parameters<typeof startLocalTarget>[0], 'env'>,
): Promise<Target> {
  const env = laboratoryEnv(name, cuts);
  const target = await startLocalTarget({ ...stack, env: perService(() => env) });
  try {
    await dropGuards(target, guards);
  } catch (error) {
    await target.close();
    throw error;
  }
  return { ...target, description: `${target.description} in laboratory mode, without ${name}` };
}

const entitled = (experiment: Experiment, title: string): Experiment => ({
  ...experiment,
  document: { ...experiment.document, title },
});

function figures({ violations, tally, faults }: RunResult): Pick<Cell, 'broken' | 'orders' | 'hits'> {
  return {
    broken: [...new Set(violations.map(({ invariant }) => invariant))].sort(
      (a, b) => Number(a.slice(1)) - Number(b.slice(1)),
    ),
    orders: tally.totals.placed,
    hits: faults.reduce((sum, { fired }) => sum + fired, 0),
  };
}

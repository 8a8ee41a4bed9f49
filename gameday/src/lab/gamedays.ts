import { join } from 'node:path';
import type { ExperimentList, Gameday, GamedayDetail, StartGamedayBody } from '@valerix/contracts';
import { trySignal } from '@valerix/local-stack/machine/after-crash';
import { isSameProcess } from '@valerix/local-stack/machine/process-identity';
import { pause } from '@valerix/service-kit/backoff';
import { createRunList } from '../run-folder/list-runs.ts';
import { type ReadRun, readRun } from '../run-folder/read-run.ts';
import { pointsOf, RunTail } from '../run-folder/tail-run.ts';
import { problem } from './errors.ts';
import { RunNotStarted, type RunProcess } from './run-process.ts';

interface GamedaysDeps {
  /** The folder of the runs. */
  runs: string;
  experiments: ExperimentList;
  process: RunProcess;
}

/** The laboratory's use cases. Its memory is the folder of the runs: a restart loses nothing. */
export function createGamedays({ runs, experiments, process }: GamedaysDeps) {
  const list = createRunList(runs);
  /** The runs that were told to stop: a second signal would end them without a report. */
  const told = new Set<string>();
  let starting = false;

  async function find(id: string): Promise<ReadRun> {
    const found = await readRun(runs, id);
    if (!found) throw problem('NOT_FOUND', `There is no game day "${id}".`);
    return found;
  }

  async function requireFree(): Promise<void> {
    const running = await list.running();
    if (running) throw problem('GAMEDAY_RUNNING', `${running.id} is running.`);
    // A run with a verdict ends in a moment.
    for (let tries = 0; process.busy && tries < 30; tries++) await pause(100);
    if (process.busy) throw problem('GAMEDAY_RUNNING', 'The last game day is still ending.');
  }

  return {
    experiments: () => experiments,
    page: list.page,
    find,

    /** A run with the points of its charts. */
    async detail(id: string): Promise<GamedayDetail> {
      const { gameday } = await find(id);
      const tail = new RunTail(join(runs, id));
      try {
        return { gameday, points: pointsOf(await tail.read()) };
      } finally {
        await tail.close();
      }
    },

    async start(body: StartGamedayBody): Promise<Gameday> {
      const known = experiments.items.map(({ name }) => name);
      if (!known.includes(body.experiment)) {
        const errors = [{ field: 'experiment', message: `must be one of ${known.join(', ')}` }];
        throw problem('VALIDATION_FAILED', `There is no experiment "${body.experiment}".`, { errors });
      }
      if (starting) throw problem('GAMEDAY_RUNNING', 'Another game day is starting.');
      starting = true;
      try {
        await requireFree();
        return (await find(await process.start(body))).gameday;
      } catch (error) {
        if (error instanceof RunNotStarted) throw problem('GAMEDAY_NOT_STARTED', error.message);
        throw error;
      } finally {
        starting = false;
      }
    },

    /** Tells a run to roll back and report, as Ctrl-C does in a terminal. Also stops a run of a terminal. Safe to repeat. */
    async stop(id: string): Promise<Gameday> {
      const { gameday, process: runner } = await find(id);
      if (!runner) throw problem('GAMEDAY_NOT_RUNNING', `${id} is over.`);
      const asked = told.has(id) || gameday.progress?.stopping != null;
      if (!asked && isSameProcess(runner.pid, runner.identity)) trySignal(runner.pid, 'SIGTERM');
      told.add(id);
      if (told.size > 100) told.delete(told.values().next().value as string);
      return gameday;
    },
  };
}
export type Gamedays = ReturnType<typeof createGamedays>;

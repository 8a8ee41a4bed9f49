import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StartGamedayBody } from '@valerix/contracts';
import { trySignal } from '@valerix/local-stack/machine/after-crash';
import { clearAbandonedHomes } from '@valerix/local-stack/stack/leftovers';
import { pause } from '@valerix/service-kit/backoff';
import type { Logger } from '@valerix/service-kit/logger';

interface RunProcessOptions {
  /** The program that carries out a run. */
  cli: string;
  /** Its options that name the target. */
  flags: readonly string[];
  /** The folder of the runs. */
  runs: string;
  env: Record<string, string | undefined>;
  logger: Logger;
  /** How long a run may take to roll back and report when the laboratory stops, milliseconds. */
  patienceMs: number;
}

/** The run could not be started; the message has the last lines of its process. */
export class RunNotStarted extends Error {
  override name = 'RunNotStarted';
}

const ANNOUNCE_MS = 20_000;
/** From the second signal to SIGKILL. */
const LAST_MS = 1_500;

/**
 * Carries out runs, one at a time, each in a process of its own. The process has its own group, because a signal to the
 * laboratory's group must not reach it twice. It writes to a file, because a pipe would break when the laboratory dies.
 */
export function createRunProcess(options: RunProcessOptions) {
  const { cli, runs, logger } = options;
  const output = join(runs, 'laboratory.log');
  let closed = false;
  let current: { child: ChildProcess; over: Promise<void> } | undefined;

  function launch(args: string[]): ChildProcess {
    mkdirSync(runs, { recursive: true });
    const file = openSync(output, 'w');
    try {
      return spawn(process.execPath, [cli, 'run', ...args, ...options.flags, '--laboratory', '--report', runs], {
        env: options.env as NodeJS.ProcessEnv,
        detached: true,
        stdio: ['ignore', file, file, 'ipc'],
      });
    } finally {
      closeSync(file);
    }
  }

  /** Starts a run. @returns its id @throws {RunNotStarted} */
  async function start(body: StartGamedayBody): Promise<string> {
    if (closed) throw new RunNotStarted('The laboratory is stopping.');
    const child = launch(argumentsOf(body));
    const over = new Promise<void>((resolve) => {
      child.once('exit', (code, signal) => {
        logger.info({ pid: child.pid, code, signal }, 'the game day has ended');
        // A killed run leaves its system running.
        if (signal) clearAbandonedHomes().catch((error) => logger.warn({ err: error }, 'could not clear up after it'));
        resolve();
      });
      child.once('error', () => resolve());
    });
    const mine = { child, over };
    current = mine;
    void over.then(() => {
      if (current === mine) current = undefined;
    });
    const id = await Promise.race([announced(child), over, pause(ANNOUNCE_MS)]);
    if (typeof id === 'string') {
      logger.info({ pid: child.pid, id, experiment: body.experiment }, 'a game day has started');
      return id;
    }
    child.kill('SIGKILL');
    throw new RunNotStarted(lastLines(output) || 'Its process wrote nothing.');
  }

  /** Ends this laboratory's run, if there is one: it rolls back and reports, and is killed if that takes too long. */
  async function close(): Promise<void> {
    closed = true;
    const mine = current;
    if (!mine?.child.pid) return;
    const { pid } = mine.child;
    const gone = (ms: number) => Promise.race([mine.over.then(() => true), pause(ms).then(() => false)]);
    // The run must not wait for open orders: the stack that runs this laboratory is stopping, and gives it a grace period.
    if (mine.child.connected) mine.child.send({ hurry: true }, () => {});
    trySignal(pid, 'SIGTERM');
    if (await gone(options.patienceMs)) return;
    logger.warn({ pid }, 'the game day did not end in time; killing it without a report');
    trySignal(pid, 'SIGTERM');
    if (!(await gone(LAST_MS))) trySignal(pid, 'SIGKILL');
    await mine.over;
    await clearAbandonedHomes();
  }

  return {
    start,
    close,
    /** True from the call of `start` to the end of the process. */
    get busy() {
      return current !== undefined;
    },
  };
}
export type RunProcess = ReturnType<typeof createRunProcess>;

function argumentsOf({ experiment, seed, duration_s, rate }: StartGamedayBody): string[] {
  const flags = Object.entries({ seed, duration: duration_s, rate }).filter(([, value]) => value !== undefined);
  return [experiment, ...flags.flatMap(([name, value]) => [`--${name}`, String(value)])];
}

/** The run's id, which the command line sends over the channel. */
function announced(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      const { id } = message as { id?: unknown };
      if (typeof id === 'string') resolve(id);
    });
  });
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').slice(-6).join('\n');
  } catch {
    return '';
  }
}

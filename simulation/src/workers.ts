import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { processEnv } from '@valerix/service-kit/config';
import type { Lineage } from './lineage.ts';
import type { Scenario } from './scenario.ts';

/** What a worker tells about one seed. */
export interface SeedResult {
  seed: number;
  hash: string;
  orders: number;
  faults: number;
  worldMs: number;
  ms: number;
  violations: { invariant: string; subject: string; detail: string }[];
}

/** What a worker tells about a scenario that it was given. */
export interface Traced extends Lineage {
  violations: SeedResult['violations'];
}

export interface PlayOptions {
  from: number;
  count: number;
  workers?: number;
  /** The variables of the workers beside this process's own. */
  env?: Record<string, string>;
  /** Further arguments of every worker. */
  args?: string[];
  /** @returns true to stop all workers */
  onSeed(result: SeedResult): boolean;
}

/** Plays seeds in as many processes as there are cores; each plays every n-th seed. @throws Error when a worker fails */
export async function playSeeds({
  from,
  count,
  workers = availableParallelism(),
  env = {},
  args = [],
  onSeed,
}: PlayOptions): Promise<void> {
  const children: ChildProcess[] = [];
  let isEnough = false;
  const stop = () => {
    isEnough = true;
    for (const child of children) child.kill();
  };
  const play = async (n: number): Promise<void> => {
    const range = ['--from', `${from + n}`, '--to', `${from + count}`, '--step', `${workers}`];
    const child = startWorker([...range, ...args], env);
    child.stdin?.end();
    children.push(child);
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      if (!isEnough && onSeed(JSON.parse(line) as SeedResult)) stop();
    }
    const code = await exited;
    if (code !== 0 && !isEnough) throw new Error(`a worker ended with code ${code}`);
  };
  try {
    await Promise.all(Array.from({ length: Math.min(workers, count) }, (_, n) => play(n)));
  } finally {
    stop();
  }
}

const startWorker = (args: string[], env: Record<string, string>): ChildProcess =>
  spawn(process.execPath, [`${import.meta.dirname}/cli.ts`, '--worker', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...processEnv(), ...env },
  });

/** Processes that play scenarios given to them. */
export function startTracers({ workers = availableParallelism(), env = {}, args = [] }: Partial<PlayOptions>) {
  const tracers = Array.from({ length: workers }, () => {
    const child = startWorker(['--lineage', ...args], env);
    return { child, lines: createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]() };
  });
  return {
    /** Plays what `next` gives until it gives nothing. @throws Error when a worker fails */
    async play(
      next: () => Scenario | undefined,
      onTraced: (scenario: Scenario, traced: Traced) => void,
    ): Promise<void> {
      const work = async ({ child, lines }: (typeof tracers)[number]) => {
        for (let scenario = next(); scenario; scenario = next()) {
          child.stdin?.write(`${JSON.stringify(scenario)}\n`);
          const { value, done } = await lines.next();
          if (done) throw new Error('a worker ended');
          onTraced(scenario, JSON.parse(value) as Traced);
        }
      };
      await Promise.all(tracers.map(work));
    },

    stop(): void {
      for (const { child } of tracers) child.kill();
    },
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { processEnv } from '@valerix/service-kit/config';

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
    const range = ['--worker', '--from', `${from + n}`, '--to', `${from + count}`, '--step', `${workers}`];
    const child = spawn(process.execPath, [`${import.meta.dirname}/cli.ts`, ...range, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...processEnv(), ...env },
    });
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

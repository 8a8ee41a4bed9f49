import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { GeneratorMessage, LoadPlan, LoadResult } from './plan.ts';

const GENERATOR = fileURLToPath(new URL('generator.ts', import.meta.url));

export interface LoadObserver {
  /** Both are called with the generator's process id, at the two ends of the measured time. */
  atStart?(pid: number): unknown;
  atEnd?(pid: number): unknown;
}

/** Runs a plan in a new generator process. @throws Error if the generator dies */
export async function runLoad(plan: LoadPlan, observer: LoadObserver = {}): Promise<LoadResult> {
  const child = fork(GENERATOR, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const pid = child.pid as number;
  let result: LoadResult | undefined;
  const observed: unknown[] = [];
  child.on('message', (message: GeneratorMessage) => {
    if (message.at === 'measuring') observed.push(observer.atStart?.(pid));
    if (message.at === 'over') observed.push(observer.atEnd?.(pid));
    if (message.at === 'result') result = message.result;
  });
  child.send(plan);
  const [code] = await once(child, 'exit');
  await Promise.all(observed);
  if (!result) throw new Error(`The load generator died with exit code ${code}.`);
  return result;
}

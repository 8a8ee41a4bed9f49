import { loadavg } from 'node:os';
import type { BenchConfig } from './config.ts';
import { currentCommit, describeMachine } from './machine.ts';
import type { Measured, RunFacts } from './result.ts';
import { type BenchStack, startBenchStack } from './system/bench-stack.ts';

/** Measures on a new stack, which it always stops. @throws the signal's reason once it aborts */
export async function onBenchStack<T>(measure: (bench: BenchStack) => Promise<T>, signal: AbortSignal): Promise<T> {
  const bench = await startBenchStack({ signal });
  try {
    await bench.restock();
    return await Promise.race([measure(bench), rejectedBy(signal)]);
  } finally {
    await bench.stop();
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Notes the load of the machine before a run. @returns what says the rest about the run at its end */
export function startFacts({ quick, runs }: BenchConfig, command: string) {
  const load_before = loadavg()[0] as number;
  return async (bench: BenchStack, measured: Record<string, Measured>): Promise<RunFacts> => ({
    date: new Date().toISOString(),
    commit: currentCommit(),
    command: `${command}${quick ? ' QUICK=1' : ''}`,
    quick,
    runs,
    machine: await describeMachine(bench),
    load_before,
    measured,
  });
}

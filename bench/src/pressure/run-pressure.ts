import type { BenchConfig } from '../config.ts';
import { startFacts } from '../on-bench-stack.ts';
import type { RunFacts } from '../result.ts';
import { runRounds } from '../run-rounds.ts';
import type { BenchStack } from '../system/bench-stack.ts';
import { openPressureCases } from './pressure-cases.ts';

/** Measures what a user would pick instead, and the system under pressure: `make bench-pressure`. */
export async function runPressure(
  bench: BenchStack,
  config: BenchConfig,
  say: (text: string) => void,
): Promise<RunFacts> {
  const facts = startFacts(config, 'make bench-pressure');
  const cases = await openPressureCases(bench, config);
  try {
    return await facts(bench, await runRounds(cases.list, config.runs, say));
  } finally {
    await cases.stop();
  }
}

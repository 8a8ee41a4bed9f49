import { openCases } from './cases.ts';
import type { BenchConfig } from './config.ts';
import { openPressureCases } from './pressure/pressure-cases.ts';
import type { Measured } from './result.ts';
import { runRounds } from './run-rounds.ts';
import type { BenchStack } from './system/bench-stack.ts';

/** Measures single cases of both benches. @throws Error if a name belongs to none of them */
export async function runOnly(
  names: readonly string[],
  bench: BenchStack,
  config: BenchConfig,
  say: (text: string) => void,
): Promise<Record<string, Measured>> {
  const suites = [await openPressureCases(bench, config), await openCases(bench, config)];
  try {
    // Both benches have some cases in common.
    const all = new Map(suites.flatMap(({ list }) => list).map((each) => [each.id, each]));
    const unknown = names.filter((name) => !all.has(name));
    if (unknown.length > 0) throw new Error(`No case "${unknown.join('", "')}": ${[...all.keys()].join(', ')}`);
    const chosen = [...all.values()].filter(({ id }) => names.includes(id));
    return await runRounds(chosen, config.runs, say);
  } finally {
    for (const suite of suites) await suite.stop();
  }
}

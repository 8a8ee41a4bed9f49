import type { Measurement } from './measure/measure.ts';
import { median, medianOf } from './measure/median.ts';
import type { Measured, Rate } from './result.ts';

type Taken = Measurement | Rate;

/** Measured once in every round. */
export interface Case {
  id: string;
  /** @returns what the case measured, by id; most cases measure one thing under their own id */
  run(): Promise<Record<string, Taken>>;
}

/** A case with one measurement. */
export const single = (id: string, run: () => Promise<Taken>): Case => ({
  id,
  run: async () => ({ [id]: await run() }),
});

/**
 * Runs all cases once per round, so that values to compare are measured within the same minutes.
 * @returns the medians, by id
 */
export async function runRounds(
  cases: readonly Case[],
  rounds: number,
  say: (text: string) => void,
  onTaken: (id: string, taken: Taken) => void = () => {},
): Promise<Record<string, Measured>> {
  const runs = new Map<string, Taken[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const each of cases) {
      for (const [id, taken] of Object.entries(await each.run())) {
        runs.set(id, [...(runs.get(id) ?? []), taken]);
        say(`${round}/${rounds} ${summary(id, taken)}`);
        onTaken(id, taken);
      }
    }
  }
  return Object.fromEntries([...runs].map(([id, list]) => [id, medianOfAny(list)]));
}

function medianOfAny(runs: readonly Taken[]): Measured {
  const [first] = runs;
  if (first && 'cpu_us' in first) return medianOf(runs as Measurement[]);
  const keys = Object.keys(first ?? {}) as (keyof Rate)[];
  const each = (key: keyof Rate) => median((runs as Rate[]).map((run) => run[key] ?? 0));
  return Object.fromEntries(keys.map((key) => [key, each(key)])) as unknown as Rate;
}

function summary(id: string, taken: Taken): string {
  const parts = [`${id}: ${Math.round(taken.per_second)}/s`];
  if ('latency_ms' in taken) {
    const { latency_ms, statuses, unanswered } = taken;
    parts.push(`p95 ${latency_ms.p95.toFixed(1)} ms ${JSON.stringify(statuses)}`);
    if (unanswered > 0) parts.push(`${unanswered} unanswered`);
  } else if (taken.seconds !== undefined) parts.push(`${taken.seconds.toFixed(1)} s`);
  return parts.join(', ');
}

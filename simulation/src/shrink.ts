import { type Databases, type Outcome, runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';

/** What a person must read to follow a run: what clients and readers do, what happens to the system, which messages meet a fault. */
export const sizeOf = ({ operations, reads = [], events, faults = {} }: Scenario): number =>
  operations.reduce((sum, one) => sum + 1 + extrasOf(one).length, 0) +
  reads.length +
  events.length +
  Object.keys(faults).length;

const EXTRAS = ['cancelAfterMs', 'replayAfterMs', 'reuse'] as const;
const extrasOf = (operation: Scenario['operations'][number]) => EXTRAS.filter((name) => operation[name] !== undefined);

/** Of this process so far, milliseconds: what work costs does not depend on what else the machine does. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

export interface Shrunk {
  scenario: Scenario;
  outcome: Outcome;
  /** How many runs it took. */
  runs: number;
}

/**
 * Looks for a smaller scenario that breaks the same invariant: leaves out readers, clients, faults and events, in ever smaller pieces, as long
 * as the run still breaks it (delta debugging; Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
 * @param limitMs the processor time that it may take
 */
export async function shrink(
  failing: Scenario,
  outcome: Outcome,
  databases: Databases,
  limitMs: number,
): Promise<Shrunk> {
  const end = processorMs() + limitMs;
  const broken = new Set(outcome.violations.map(({ invariant }) => invariant));
  // From here on the faults are a list, so that each can be left out.
  let best: Shrunk = { scenario: { ...failing, rates: {}, faults: outcome.faults }, outcome, runs: 0 };
  const isStillBroken = async (scenario: Scenario): Promise<boolean> => {
    if (processorMs() > end) return false;
    best.runs++;
    const tried = await runScenario(scenario, databases);
    if (!tried.violations.some(({ invariant }) => broken.has(invariant))) return false;
    // Faults that struck nothing any more are gone too.
    best = { scenario: { ...scenario, faults: tried.faults }, outcome: tried, runs: best.runs };
    return true;
  };
  // Most runs wait for the end of the faults with nothing left to do.
  await isStillBroken({ ...best.scenario, endsWhenQuiet: true });
  for (let before = Number.POSITIVE_INFINITY; sizeOf(best.scenario) < before; ) {
    before = sizeOf(best.scenario);
    for (const part of PARTS) await withoutPieces(() => best.scenario, part, isStillBroken);
  }
  return best;
}

/** One list of a scenario. */
interface Part {
  length(scenario: Scenario): number;
  without(scenario: Scenario, from: number, to: number): Scenario;
}

const PARTS: readonly Part[] = [
  {
    length: ({ reads = [] }) => reads.length,
    without: (scenario, from, to) => ({ ...scenario, reads: cut(scenario.reads ?? [], from, to) }),
  },
  {
    length: ({ operations }) => operations.length,
    without: (scenario, from, to) => ({ ...scenario, operations: cut(scenario.operations, from, to) }),
  },
  {
    length: ({ events }) => events.length,
    without: (scenario, from, to) => ({ ...scenario, events: cut(scenario.events, from, to) }),
  },
  {
    length: ({ faults = {} }) => Object.keys(faults).length,
    without: (scenario, from, to) => ({
      ...scenario,
      faults: Object.fromEntries(cut(Object.entries(scenario.faults ?? {}), from, to)),
    }),
  },
  {
    length: ({ skewsMs }) => Object.keys(skewsMs).length,
    without: (scenario, from, to) => ({
      ...scenario,
      skewsMs: Object.fromEntries(cut(Object.entries(scenario.skewsMs), from, to)),
    }),
  },
  {
    length: ({ operations }) => operations.flatMap(extrasOf).length,
    without: (scenario, from, to) => ({ ...scenario, operations: withoutExtras(scenario.operations, from, to) }),
  },
];

const cut = <T>(list: readonly T[], from: number, to: number): T[] => list.filter((_, n) => n < from || n >= to);

function withoutExtras(operations: Scenario['operations'], from: number, to: number): Scenario['operations'] {
  let n = 0;
  return operations.map((operation) => {
    const kept = { ...operation };
    for (const extra of extrasOf(operation)) {
      if (n >= from && n < to) delete kept[extra];
      n++;
    }
    return kept;
  });
}

/** Tries to leave out halves, then quarters, then single ones. */
async function withoutPieces(
  present: () => Scenario,
  { length, without }: Part,
  isStillBroken: (scenario: Scenario) => Promise<boolean>,
): Promise<void> {
  for (let size = length(present()); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < length(present()); ) {
      const left = await isStillBroken(without(present(), from, from + size));
      if (!left) from += size;
    }
  }
}

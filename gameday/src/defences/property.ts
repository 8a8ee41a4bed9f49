import { type Invariant, percentilesOf } from '@valerix/contracts';
import type { FaultWindow } from '../runner/fault-log.ts';
import type { SeenViolation } from '../runner/run.ts';
import type { SteadyState } from '../runner/run-steps.ts';
import { type Placement, placedDuring } from './placements.ts';

/** The data from which a property is measured. */
export interface Measurable {
  result: {
    violations: readonly SeenViolation[];
    faults: readonly FaultWindow[];
    /** The steady state after the run; absent if it was not looked at. */
    after?: SteadyState | undefined;
  };
  placements: readonly Placement[];
}

export interface Measured {
  /** Undefined when the run does not show it; the text says why. */
  value: number | undefined;
  /** The figures, in words. */
  text: string;
  /** Further figures. */
  more?: string;
}

/** A property that holds with a defence and breaks without it. */
export interface Property {
  /** The promise, its bound included: `I3: …` when it is an invariant. */
  statement: string;
  /** Set for an invariant: the checker finds its violations, and a single one breaks it. */
  invariant?: Invariant;
  /** True for a probe of the steady state, which one look decides. */
  hypothesis?: true;
  bound: { at_most: number } | { at_least: number };
  measure(run: Measurable): Measured;
}

export const holds = ({ bound }: Property, value: number): boolean =>
  'at_most' in bound ? value <= bound.at_most : value >= bound.at_least;

/**
 * An invariant: nothing may break it.
 * @param counted what breaks it, such as "keys with more than one order"
 * @param harm selects the violations that the defence prevents; default: all
 */
export function invariantHolds(invariant: Invariant, promise: string, counted: string, harm = /^/): Property {
  return {
    statement: `${invariant}: ${promise}`,
    invariant,
    bound: { at_most: 0 },
    measure({ result }) {
      const found = result.violations.filter((one) => one.invariant === invariant && harm.test(one.detail));
      const value = new Set(found.map(({ subject }) => subject)).size;
      return { value, text: `${value === 0 ? 'no' : value} ${counted}` };
    },
  };
}

/** A hypothesis: after the run, the probe of this name is met. */
export function hypothesisHolds(probe: string, statement: string): Property {
  return {
    statement,
    hypothesis: true,
    bound: { at_most: 0 },
    measure({ result: { after } }) {
      const asked = after?.probes.find(({ activity }) => activity.name === probe);
      if (!asked) return { value: undefined, text: `the probe "${probe}" was not asked after the run` };
      return asked.tolerance_met
        ? { value: 0, text: `the probe "${probe}" is met` }
        : { value: 1, text: `the probe "${probe}" is not met` };
    },
  };
}

/** Fewer orders than this say nothing about a share. */
const ENOUGH = 50;

type ShareOf = [
  statement: string,
  bound: Property['bound'],
  counted: string,
  counts: (placement: Placement) => boolean,
];

/** A share, in percent, of the orders placed while a fault was active. */
export const shareDuring = (fault: string, ...of: ShareOf): Property => share(fault, undefined, ...of);

/** The same of the orders placed so many seconds after its end. */
export const shareAfter = (fault: string, after: readonly [fromS: number, toS: number], ...of: ShareOf): Property =>
  share(fault, after, ...of);

function share(
  fault: string,
  after: readonly [fromS: number, toS: number] | undefined,
  ...[statement, bound, counted, counts]: ShareOf
): Property {
  return {
    statement,
    bound,
    measure({ result, placements }) {
      const during = placedDuring(result, placements, fault, after);
      if (during.length < ENOUGH) {
        const when = after ? `${after.join(' to ')} s after` : 'while';
        return { value: undefined, text: `only ${during.length} orders were placed ${when} "${fault}"` };
      }
      const value = (during.filter(counts).length / during.length) * 100;
      const at = percentilesOf(during.map(({ latencyMs }) => latencyMs));
      const [median, late] = [0.5, 0.95].map((share) => Math.round(at(share) ?? 0));
      return {
        value,
        text: `${Math.round(value)} % of ${during.length} orders ${counted}`,
        more: `half of them had an answer within ${median} ms, 95 % within ${late} ms`,
      };
    },
  };
}

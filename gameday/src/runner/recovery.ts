import { percentile } from '@valerix/contracts';
import type { Evidence } from '../experiment/valerix-extension.ts';
import type { FaultWindow } from './fault-log.ts';
import type { Sample } from './observe.ts';
import type { Second } from './tally.ts';

/** Even a healthy system has this many orders in its queue at times. */
const SHORT_QUEUE = 5;

export interface Recovery {
  fault: string;
  /** When the fault ended, milliseconds. */
  endedAt: number;
  /** Seconds until clients were served as usual and the queue was short; undefined when that was not seen before the next fault. */
  seconds?: number;
}

type Ended = FaultWindow & { to: number };
const ended = (fault: FaultWindow): fault is Ended => fault.to !== undefined;

/**
 * How long the system took to recover from each fault: until the first second in which at most one of twenty attempts failed,
 * at most one of twenty answers was a 202, and the queue was short. While another fault is active, the search goes on. It ends
 * when a later fault begins, whose time must not count as the recovery of this one.
 */
export function recoveries(
  faults: readonly FaultWindow[],
  seconds: readonly Second[],
  samples: readonly Sample[],
): Recovery[] {
  return faults.filter(ended).map(({ name: fault, to: endedAt }) => {
    const next = Math.min(...faults.map(({ from }) => (from > endedAt ? from : Number.POSITIVE_INFINITY)));
    const at = seconds.slice(0, Math.floor(next / 1000)).findIndex((second, index) => {
      if (index < Math.floor(endedAt / 1000)) return false;
      const [from, to] = [index * 1000, (index + 1) * 1000];
      const lasting = faults.some((other) => other.from < from && (other.to ?? Number.POSITIVE_INFINITY) > to);
      return !lasting && isWell(second, samples, index);
    });
    return { fault, endedAt, ...(at >= 0 && { seconds: Math.max(0, at + 1 - endedAt / 1000) }) };
  });
}

function isWell(second: Second, samples: readonly Sample[], at: number): boolean {
  const answered = second.confirmed + second.queued + second.refused;
  const few = answered / 20;
  if (answered === 0 || second.troubles > few || second.unknown > 0 || second.queued > few) return false;
  const near = samples.filter(({ t }) => t >= at * 1000 && t < (at + 1) * 1000 + 500);
  return near.every(({ queueDepth }) => queueDepth !== undefined && queueDepth <= SHORT_QUEUE);
}

/** A missing recovery means something only when clients ordered for so many seconds after the last fault. */
const RECOVERY_TAKES_S = 10;

/**
 * The name of the last fault, when there was time to see the system recover from it and it did not. Where the experiment asks for orders
 * that are settled in time, that is its recovery: some of its cards are answered with 202 without any fault.
 */
export function notRecoveredFrom(
  all: readonly Recovery[],
  seconds: readonly Second[],
  evidence: readonly Pick<Evidence, 'kind'>[],
): string | undefined {
  if (evidence.some(({ kind }) => kind === 'settled-in-time')) return undefined;
  const last = all.toSorted((a, b) => a.endedAt - b.endedAt).at(-1);
  if (!last || last.seconds !== undefined) return undefined;
  const ordersUntil = seconds.findLastIndex(({ arrived }) => arrived > 0) + 1;
  return ordersUntil - last.endedAt / 1000 >= RECOVERY_TAKES_S ? last.fault : undefined;
}

/** One line for each fault of the method, however often a long run repeated it. Recovery times are undefined if none was seen. */
export function summarise(faults: readonly FaultWindow[], all: readonly Recovery[]) {
  return Object.entries(Object.groupBy(faults, ({ name }) => name)).map(([fault, windows = []]) => {
    const over = windows.filter(ended);
    const own = all.filter((one) => one.fault === fault);
    const seen = own.flatMap(({ seconds }) => seconds ?? []);
    return {
      fault,
      times: windows.length,
      firstAt: windows[0]?.from ?? 0,
      /** Milliseconds, on average. */
      lasted: over.reduce((sum, { from, to }) => sum + to - from, 0) / Math.max(1, over.length),
      hits: windows.reduce((sum, { fired }) => sum + fired, 0),
      /** How often no recovery was seen. */
      unseen: own.length - seen.length,
      median: percentile(seen, 0.5),
      longest: seen.length > 0 ? Math.max(...seen) : undefined,
    };
  });
}

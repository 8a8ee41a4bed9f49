import { percentile } from '@valerix/contracts';
import type { FaultWindow } from './fault-log.ts';
import type { Sample } from './observe.ts';
import type { Second } from './tally.ts';

/** A queue this short is no queue: orders pass through it all the time. */
const SHORT_QUEUE = 5;

export interface Recovery {
  fault: string;
  /** When the fault ended, milliseconds. */
  endedAt: number;
  /** Seconds until clients were served as usual and the queue was short; undefined when that was not seen. */
  seconds?: number;
}

/**
 * How long after each fault the system was itself again: the first second in which of twenty attempts at most one failed, of
 * twenty answers at most one was a 202, and the queue was short. A fault that ends during another waits for that one too.
 */
export function recoveries(
  faults: readonly FaultWindow[],
  seconds: readonly Second[],
  samples: readonly Sample[],
): Recovery[] {
  return faults
    .filter((fault): fault is FaultWindow & { to: number } => fault.to !== undefined)
    .map(({ name, to }) => {
      for (let at = Math.floor(to / 1000); at < seconds.length; at++) {
        const lasting = faults.some(
          (other) => other.from < at * 1000 && (other.to ?? Number.POSITIVE_INFINITY) > (at + 1) * 1000,
        );
        if (lasting || !isWell(seconds[at] as Second, samples, at)) continue;
        return { fault: name, endedAt: to, seconds: Math.max(0, at + 1 - to / 1000) };
      }
      return { fault: name, endedAt: to };
    });
}

function isWell(second: Second, samples: readonly Sample[], at: number): boolean {
  const answered = second.confirmed + second.queued + second.refused;
  const few = answered / 20;
  if (answered === 0 || second.troubles > few || second.unknown > 0 || second.queued > few) return false;
  const near = samples.filter(({ t }) => t >= at * 1000 && t < (at + 1) * 1000 + 500);
  return near.every(({ queueDepth }) => queueDepth !== undefined && queueDepth <= SHORT_QUEUE);
}

/** How long clients must have ordered after the last fault, seconds, before a recovery that was not seen means anything. */
const RECOVERY_TAKES_S = 10;

/** The name of the last fault, when there was time to see the system recover from it and nobody did. */
export function notRecoveredFrom(all: readonly Recovery[], seconds: readonly Second[]): string | undefined {
  const last = all.reduce<Recovery | undefined>((a, b) => (a && a.endedAt > b.endedAt ? a : b), undefined);
  if (!last || last.seconds !== undefined) return undefined;
  const ordersUntil = seconds.findLastIndex(({ arrived }) => arrived > 0) + 1;
  return ordersUntil - last.endedAt / 1000 >= RECOVERY_TAKES_S ? last.fault : undefined;
}

/** A fault of the method over all its rounds. */
interface FaultSummary {
  fault: string;
  times: number;
  firstAt: number;
  /** Milliseconds, on average. */
  lasted: number;
  hits: number;
  /** Seconds until recovered: the middle one and the longest; undefined when none was seen. */
  median?: number;
  longest?: number;
  /** How often no recovery was seen. */
  unseen: number;
}

/** One line for each fault, however often a long run repeated it. */
export function summarise(faults: readonly FaultWindow[], all: readonly Recovery[]): FaultSummary[] {
  return [...new Set(faults.map(({ name }) => name))].map((fault) => {
    const windows = faults.filter(({ name }) => name === fault);
    const ended = windows.filter((window): window is FaultWindow & { to: number } => window.to !== undefined);
    const own = all.filter((one) => one.fault === fault);
    const seen = own.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]));
    return {
      fault,
      times: windows.length,
      firstAt: windows[0]?.from ?? 0,
      lasted: ended.reduce((sum, { from, to }) => sum + to - from, 0) / Math.max(1, ended.length),
      hits: windows.reduce((sum, { fired }) => sum + fired, 0),
      unseen: own.length - seen.length,
      ...(seen.length > 0 && { median: percentile(seen, 0.5), longest: Math.max(...seen) }),
    };
  });
}

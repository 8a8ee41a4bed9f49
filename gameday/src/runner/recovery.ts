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

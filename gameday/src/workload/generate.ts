import { pause } from '@valerix/service-kit/backoff';
import type { Operation } from './schedule.ts';

/** Clients that may be open at once; past that an arrival is counted as not sent, for the machine's sake (I13). */
const MAX_OPEN = 20_000;

export interface Generated {
  started: number;
  notSent: number;
}

/**
 * Starts every operation at its time, however slow the system is. Resolves when the last has started.
 * @param started receives each client's promise
 */
export async function generate(
  operations: Iterable<Operation>,
  now: () => number,
  run: (operation: Operation) => Promise<void>,
  clients: Set<Promise<void>>,
  signal: AbortSignal,
): Promise<Generated> {
  const result: Generated = { started: 0, notSent: 0 };
  for (const operation of operations) {
    const waitMs = operation.atMs - now();
    // Timers are a millisecond coarse, so arrivals of the same millisecond start together.
    if (waitMs > 1) await pause(waitMs, signal);
    if (signal.aborted) return result;
    if (clients.size >= MAX_OPEN) {
      result.notSent++;
      continue;
    }
    result.started++;
    const client = run(operation).finally(() => clients.delete(client));
    clients.add(client);
  }
  return result;
}

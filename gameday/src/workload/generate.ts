import { pause } from '@valerix/service-kit/backoff';

/** The most clients at once; further arrivals are counted as not sent, to protect the machine (I13). */
const MAX_OPEN = 20_000;

/**
 * Starts every operation at its time, however slow the system is. Resolves when the last one has started.
 * @param clients holds the promise of each client until the client ends
 */
export async function generate<O extends { atMs: number }>(
  operations: Iterable<O>,
  now: () => number,
  run: (operation: O) => Promise<void>,
  clients: Set<Promise<void>>,
  signal: AbortSignal,
  maxOpen = MAX_OPEN,
): Promise<{ started: number; notSent: number }> {
  const result = { started: 0, notSent: 0 };
  for (const operation of operations) {
    const waitMs = operation.atMs - now();
    // Timers resolve to a millisecond: arrivals in the same millisecond start together.
    if (waitMs > 1) await pause(waitMs, signal);
    if (signal.aborted) return result;
    if (clients.size >= maxOpen) {
      result.notSent++;
      continue;
    }
    result.started++;
    const client = run(operation).finally(() => clients.delete(client));
    clients.add(client);
  }
  return result;
}

import { pause } from './backoff.ts';

/**
 * Does `work` now, and again `intervalMs` after it ends, until stopped. `work` handles its own failures; work without an end of its own
 * ends when the signal aborts.
 */
export function repeat(intervalMs: number, work: (stopped: AbortSignal) => Promise<unknown>) {
  const stopped = new AbortController();
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await work(stopped.signal);
      await pause(intervalMs, stopped.signal);
    }
  })();
  return {
    /** Waits for work in progress. */
    async stop(): Promise<void> {
      stopped.abort();
      await running;
    },
  };
}

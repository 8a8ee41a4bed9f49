import { pause } from './backoff.ts';

/** Does `work` now, and again `intervalMs` after it ends, until stopped. `work` handles its own failures. */
export function repeat(intervalMs: number, work: () => Promise<unknown>) {
  const stopped = new AbortController();
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await work();
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

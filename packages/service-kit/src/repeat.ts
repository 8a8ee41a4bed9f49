import { pause } from './backoff.ts';

/** Does `work` at once and again `intervalMs` after it was done, until it is stopped. `work` answers for its own failures. */
export function repeat(intervalMs: number, work: () => Promise<unknown>) {
  const stopped = new AbortController();
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await work();
      await pause(intervalMs, stopped.signal);
    }
  })();
  return {
    /** Waits for what is being done. */
    async stop(): Promise<void> {
      stopped.abort();
      await running;
    },
  };
}

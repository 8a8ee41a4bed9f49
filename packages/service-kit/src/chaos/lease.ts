/** How long a fault is in force here. Ends by itself, on the monotonic clock, whatever happens to Redis or the wall clock. */
export interface Lease {
  /** Milliseconds left; zero when it is over. */
  remainingMs(): number;
  readonly over: boolean;
  /** Aborted when the lease is over: whatever the fault holds up is let go. */
  readonly ended: AbortSignal;
  end(): void;
}

/** A lease of `ms` milliseconds from now. `onEnd` is called once, however it ends. */
export function leaseFor(ms: number, onEnd: () => void = () => {}, now: () => number = () => performance.now()): Lease {
  const endsAt = now() + ms;
  const ended = new AbortController();
  const end = () => {
    if (ended.signal.aborted) return;
    clearTimeout(timer);
    ended.abort();
    onEnd();
  };
  const timer = setTimeout(end, ms).unref();
  // The timer may be late in a process that was blocked; the clock is not.
  const remainingMs = () => (ended.signal.aborted ? 0 : Math.max(0, endsAt - now()));
  return {
    remainingMs,
    get over() {
      return remainingMs() === 0;
    },
    ended: ended.signal,
    end,
  };
}

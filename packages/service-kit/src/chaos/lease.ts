/** How long a fault is in force in this process. It ends by the monotonic clock, whatever Redis or the wall clock do. */
export interface Lease {
  /** Milliseconds left; zero once it is over. */
  remainingMs(): number;
  readonly over: boolean;
  /** Aborts when the lease ends, and releases what the fault holds. */
  readonly ended: AbortSignal;
  end(): void;
}

/** A lease of `ms` milliseconds from now. Calls `onEnd` once, however it ends. */
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
  // In a blocked process the timer is late; the clock is not.
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

/** The moment after which the caller no longer waits for the answer. Uses a monotonic clock. */
export interface Deadline {
  /** Milliseconds left; zero or less when it has passed. */
  remainingMs(): number;
}

/** A deadline `ms` milliseconds from now. */
export function deadlineIn(ms: number): Deadline {
  const end = performance.now() + ms;
  return { remainingMs: () => end - performance.now() };
}

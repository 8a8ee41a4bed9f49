import type { Reading } from '../live/live-types.ts';

interface PollerOptions<T> {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Reads the target once. Throws what went wrong. */
  readonly read: (signal: AbortSignal) => Promise<T>;
  readonly onValue?: (value: T, atMs: number) => void;
  readonly now?: () => number;
}

/**
 * Reads one thing again and again, never twice at a time, and remembers the last value and the last error.
 * `stop` ends it and aborts the read under way.
 */
export class Poller<T> {
  readonly #options: PollerOptions<T>;
  readonly #now: () => number;
  readonly #stopped = new AbortController();
  #value: T | null = null;
  #valueAtMs: number | null = null;
  #error: string | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PollerOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  start(): void {
    void this.#loop();
  }

  stop(): void {
    this.#stopped.abort();
    clearTimeout(this.#timer);
  }

  reading(): Reading<T> {
    const age = this.#valueAtMs === null ? null : this.#now() - this.#valueAtMs;
    return { value: this.#value, age_ms: age, error: this.#error };
  }

  /** Reads once now. Never throws. */
  async poll(): Promise<void> {
    try {
      const timeout = AbortSignal.timeout(this.#options.timeoutMs);
      const value = await this.#options.read(AbortSignal.any([timeout, this.#stopped.signal]));
      if (this.#stopped.signal.aborted) return;
      this.#value = value;
      this.#valueAtMs = this.#now();
      this.#error = null;
      this.#options.onValue?.(value, this.#valueAtMs);
    } catch (error) {
      this.#error = describeFailure(error, this.#options.timeoutMs);
    }
  }

  async #loop(): Promise<void> {
    const started = this.#now();
    await this.poll();
    if (this.#stopped.signal.aborted) return;
    // Clamped, so that a clock set back cannot stop the polling for hours.
    const wait = Math.min(this.#options.intervalMs, Math.max(50, this.#options.intervalMs - (this.#now() - started)));
    this.#timer = setTimeout(() => void this.#loop(), wait);
    this.#timer.unref();
  }
}

/** One plain sentence about a failed read. */
export function describeFailure(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const cause = error.cause as { code?: string } | undefined;
  if (cause?.code === 'ECONNREFUSED') return 'connection refused';
  if (cause?.code === 'ECONNRESET' || cause?.code === 'UND_ERR_SOCKET') return 'connection closed';
  return cause?.code ?? error.message;
}

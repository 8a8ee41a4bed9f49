import { setTimeout as sleep } from 'node:timers/promises';
import { failureInWords } from '@valerix/service-kit/failure-in-words';
import type { Reading } from '../live/live-types.ts';

export interface PollerOptions<T> {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Reads the target once; throws on failure. */
  readonly read: (signal: AbortSignal) => Promise<T>;
  readonly onValue?: ((value: T, atMs: number) => void) | undefined;
  readonly now?: () => number;
}

/** Reads a target again and again, one read at a time, and keeps the last value and error. `stop` aborts the current read. */
export class Poller<T> {
  readonly #options: PollerOptions<T>;
  readonly #now: () => number;
  readonly #stopped = new AbortController();
  #value: T | null = null;
  #valueAtMs: number | null = null;
  #error: string | null = null;

  constructor(options: PollerOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  stop(): void {
    this.#stopped.abort();
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
      this.#error = failureInWords(error, this.#options.timeoutMs);
    }
  }

  async start(): Promise<void> {
    const { intervalMs } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const started = this.#now();
      await this.poll();
      // Clamped, because a clock that is set back must not stop the polling for hours.
      const wait = Math.min(intervalMs, Math.max(50, intervalMs - (this.#now() - started)));
      await sleep(wait, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

/**
 * Keeps retries from multiplying the load on a service that already fails: a bucket of tokens, one for each retry. Each call adds
 * `ratio` of a token. Time adds `minPerSecond`, so that retries also help where calls are few. The rule is Finagle's `RetryBudget`.
 */
export class RetryBudget {
  readonly #options: { ratio: number; minPerSecond: number; capacity: number; nowMs: () => number };
  #tokens: number;
  #atMs: number;

  /** @param options `capacity`: the most retries in one burst; `nowMs`: a monotonic clock, milliseconds */
  constructor(options: { ratio: number; minPerSecond: number; capacity: number; nowMs?: () => number }) {
    this.#options = { nowMs: () => performance.now(), ...options };
    this.#tokens = options.capacity;
    this.#atMs = this.#options.nowMs();
  }

  /** Counts a call: its first attempt. */
  call(): void {
    this.#add(this.#options.ratio);
  }

  /** Takes a token for one retry. @returns false when there is none: the retry must not be sent */
  takeRetry(): boolean {
    const { nowMs, minPerSecond } = this.#options;
    const now = nowMs();
    this.#add(((now - this.#atMs) / 1000) * minPerSecond);
    this.#atMs = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  #add(tokens: number): void {
    this.#tokens = Math.min(this.#options.capacity, this.#tokens + tokens);
  }
}

/**
 * Keeps retries from multiplying the load on a service that already fails.
 * A bucket of tokens: every failure takes one, every success puts `refill` back; retries are allowed while it is more than half
 * full. The rule is gRPC's retry throttling (proposal A6, "Throttling Retry Attempts and Hedged RPCs").
 */
export class RetryBudget {
  readonly #capacity: number;
  readonly #refill: number;
  #tokens: number;

  constructor(options: { capacity: number; refill: number }) {
    this.#capacity = options.capacity;
    this.#refill = options.refill;
    this.#tokens = options.capacity;
  }

  success(): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + this.#refill);
  }

  failure(): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }

  get allowsRetry(): boolean {
    return this.#tokens > this.#capacity / 2;
  }

  get tokens(): number {
    return this.#tokens;
  }
}

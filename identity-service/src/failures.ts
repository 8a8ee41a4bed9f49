import { setTimeout as sleep } from 'node:timers/promises';
import type { SharedCount } from '@valerix/service-kit/shared-count';

/** After so many failures within the window, further refusals are slow. */
const MAX_FAILURES = 5;
export const WINDOW_MS = 15 * 60_000;
/**
 * The shortest time to a refusal. A quicker one would tell whether the account exists, or how far the check of the password got.
 */
const REFUSAL_MS = 250;
const SLOW_REFUSAL_MS = 1_500;
/** Bounds on the keys remembered, beyond which the oldest is forgotten, and on waiting refusals, beyond which one is sent at once (I13). */
const MAX_KEYS = 20_000;
const MAX_WAITING = 2_000;

/**
 * Slows refusals of accounts and addresses with many failures, at all replicas together; without Redis, each counts for itself. It never sees
 * a right password, so it delays none.
 */
export class Failures {
  readonly #shared: Pick<SharedCount, 'add' | 'forget'>;
  /** A name for a key that tells Redis no email and no address. */
  readonly #nameOf: (key: string) => string;
  /** The times of the latest failures by key, the key that failed last at the end. */
  readonly #times = new Map<string, number[]>();
  #waiting = 0;

  constructor(shared: Pick<SharedCount, 'add' | 'forget'>, nameOf: (key: string) => string) {
    this.#shared = shared;
    this.#nameOf = nameOf;
  }

  /** Counts a failure of these keys, and resolves when it may be answered. */
  async refuse(keys: readonly string[], startedAt: number): Promise<void> {
    const counts = await Promise.all(keys.map((key) => this.#count(key)));
    const slow = counts.some((count) => count > MAX_FAILURES);
    const leftMs = (slow ? SLOW_REFUSAL_MS : REFUSAL_MS) - (performance.now() - startedAt);
    if (leftMs <= 0 || this.#waiting >= MAX_WAITING) return;
    this.#waiting++;
    await sleep(leftMs);
    this.#waiting--;
  }

  forgive(key: string): void {
    this.#times.delete(key);
    void this.#shared.forget(this.#nameOf(key));
  }

  /** Redis learns of a key at its second failure here: guesses at ever new accounts must not fill it. */
  async #count(key: string): Promise<number> {
    const here = this.#countHere(key);
    if (here === 1) return here;
    const everywhere = await this.#shared.add(this.#nameOf(key), here === 2 ? 2 : 1);
    return Math.max(here, everywhere ?? 0);
  }

  #countHere(key: string): number {
    const now = performance.now();
    const times = (this.#times.get(key) ?? []).filter((at) => at > now - WINDOW_MS);
    this.#times.delete(key);
    this.#times.set(key, [...times, now].slice(-MAX_FAILURES - 1));
    const [oldest] = this.#times.keys();
    if (this.#times.size > MAX_KEYS && oldest !== undefined) this.#times.delete(oldest);
    return times.length + 1;
  }
}

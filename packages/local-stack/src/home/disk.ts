/** How often failed writes are repeated, milliseconds. */
const AGAIN_EVERY_MS = 1_000;
/** A nearly full disk takes a short write and refuses the next: it counts as well after this long without a refusal. */
const CALM_MS = 5_000;

/**
 * Writes the files that a stack can run without: logs, records, addresses. A full or read-only disk must not stop the stack: it
 * is reported once, the writes are repeated, and their success is reported once.
 */
export class Disk {
  /** Receives the reports. */
  onNotice: (text: string) => void = () => {};
  /** The last refused write of each file. */
  readonly #refused = new Map<string, () => void>();
  #refusedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Runs `write`. If it throws, repeats `again` until that succeeds or a newer write of the same file replaces it. */
  attempt(file: string, write: () => void, again = write): void {
    try {
      write();
      this.#refused.delete(file);
    } catch (error) {
      this.#refused.set(file, again);
      this.#refusedAt = performance.now();
      if (this.#timer) return;
      this.onNotice(`cannot write ${file} (${(error as Error).message}); going on without it, and trying again`);
      this.#timer = setInterval(() => this.#tryAgain(), AGAIN_EVERY_MS).unref();
    }
  }

  #tryAgain(): void {
    for (const [file, again] of [...this.#refused]) this.attempt(file, again);
    if (this.#refused.size > 0 || performance.now() - this.#refusedAt < CALM_MS) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.onNotice('its files can be written again');
  }
}

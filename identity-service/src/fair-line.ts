/** Thrown when too much waits; nothing was done. */
export class LineFull extends Error {
  override name = 'LineFull';
}

export interface FairLineOptions {
  /** Tasks that run at the same time. */
  atOnce: number;
  /** Tasks that may wait, of all callers and of one. */
  maxWaiting: number;
  maxWaitingPerKey: number;
}

/**
 * Runs a bounded number of costly tasks at a time. Those that wait take turns by key: a caller who sends a thousand delays another
 * caller by one task.
 */
export class FairLine {
  readonly #options: FairLineOptions;
  /** The waiting tasks by key, in the order in which the keys have their turns. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #size = 0;
  #running = 0;

  constructor(options: FairLineOptions) {
    this.#options = options;
  }

  /** @throws {LineFull} */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.atOnce) await this.#turn(key);
    else this.#running++;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #turn(key: string): Promise<void> {
    const mine = this.#waiting.get(key) ?? [];
    const { maxWaiting, maxWaitingPerKey } = this.#options;
    if (this.#size >= maxWaiting || mine.length >= maxWaitingPerKey) throw new LineFull();
    this.#waiting.set(key, mine);
    this.#size++;
    return new Promise((resolve) => mine.push(resolve));
  }

  /** Hands this place to the next key, which then goes to the end of the row. */
  #next(): void {
    const [first] = this.#waiting;
    if (!first) {
      this.#running--;
      return;
    }
    const [key, [start, ...rest]] = first;
    this.#waiting.delete(key);
    if (rest.length > 0) this.#waiting.set(key, rest);
    this.#size--;
    start?.();
  }
}

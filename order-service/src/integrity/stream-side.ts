import { transactionOf } from '@valerix/contracts';

/** A page of a stream in the order of its commits. */
export interface StreamPage<T> {
  items: T[];
  /** The position before which nothing can appear any more; undefined if the other side does not say. */
  settledTo: string | undefined;
  /** A running transaction, which `settledTo` names, hides the entries of younger ones. */
  heldBack: boolean;
}

/** How far a side was read: what a checkpoint keeps of it. */
export interface SideMemory {
  position: string;
  readToMs: number;
}

export interface StreamSideOptions<T> {
  read: (position: string, limit: number) => Promise<StreamPage<T>>;
  /** Takes one item. @returns its time, milliseconds since 1970 */
  post: (item: T) => number;
  now: () => Date;
}

/** A page keeps the event loop busy for less than 10 ms. */
export const PAGE = 1_000;
/** A position is ahead of the stream for this many pages before it is judged to be of another server. */
const AHEAD_PAGES = 10;

/** The stream ends before the position: its database was replaced, so what was read is not what it holds now. */
export class ReplacedStream extends Error {}

/** One of the two streams that the auditor follows. */
export class StreamSide<T extends { position: string }> {
  readonly #options: StreamSideOptions<T>;
  #at: SideMemory;
  #firstHeld: { by: string; sinceMs: number } | undefined;
  #heldSinceMs: number | undefined;
  #ahead = 0;

  constructor(options: StreamSideOptions<T>, at: SideMemory) {
    this.#options = options;
    this.#at = { ...at };
  }

  /** The time up to which everything was read; zero before the first page. */
  get readToMs(): number {
    return this.#at.readToMs;
  }

  /** Since when one transaction has held the stream back, if the last two looks found the same one. */
  get heldSinceMs(): number | undefined {
    return this.#heldSinceMs;
  }

  get memory(): SideMemory {
    return { ...this.#at };
  }

  /** Reads the next page. @returns true at the end @throws {ReplacedStream} */
  async readPage(): Promise<boolean> {
    const askedMs = this.#options.now().getTime();
    const { items, settledTo, heldBack } = await this.#options.read(this.#at.position, PAGE);
    this.#check(settledTo);
    for (const item of items) this.#at.readToMs = Math.max(this.#at.readToMs, this.#options.post(item));
    this.#at.position = items.at(-1)?.position ?? this.#at.position;
    const isSame = heldBack && this.#firstHeld?.by === settledTo;
    if (!isSame) this.#firstHeld = heldBack ? { by: settledTo as string, sinceMs: askedMs } : undefined;
    this.#heldSinceMs = isSame ? this.#firstHeld?.sinceMs : undefined;
    if (items.length === PAGE) return false;
    // No older item can come, so the last one, perhaps long ago, must not hold the horizon back. One that is hidden can.
    this.#at.readToMs = Math.max(this.#at.readToMs, this.#firstHeld?.sinceMs ?? askedMs);
    return true;
  }

  /** `settledTo` may fall for one look, when a transaction of another database ended during it. */
  #check(settledTo: string | undefined): void {
    const isAhead = settledTo !== undefined && transactionOf(this.#at.position) > transactionOf(settledTo);
    this.#ahead = isAhead ? this.#ahead + 1 : 0;
    if (this.#ahead >= AHEAD_PAGES)
      throw new ReplacedStream(`the stream ends at ${settledTo}, before ${this.#at.position}`);
  }
}

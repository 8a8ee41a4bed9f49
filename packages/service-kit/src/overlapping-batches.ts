import { UnderWay } from './under-way.ts';

export interface Batch<I, O> {
  /** Takes at most so many items; none if the worker stops. */
  claim(free: number): Promise<readonly I[]>;
  work(item: I): Promise<O>;
  /** True if the item is dealt with. */
  isDone(result: O): boolean;
  /** Ends a batch that had items, once every item was worked on. Must not throw. */
  finish(results: PromiseSettledResult<O>[]): Promise<void>;
}

/**
 * Batches of a worker that asks somebody else about each item. Some items wait for as long as a call may take; if the next batch waited for
 * them too, a few slow items would set the pace of all. So it begins when half of this one is over.
 */
export class OverlappingBatches {
  readonly #most: number;
  readonly #unfinished = new UnderWay<Promise<void>>();
  #count = 0;
  #freed = Promise.withResolvers<void>();
  /** Claims take turns, so that two do not take the same places. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param most the items that may be under way at once (I13); a batch is claimed while at most half as many are */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Claims a batch once there is room, and begins it.
   * @returns how many of its items were done when the next batch may begin; 0 if there were none, or all are over and none was done
   * @throws what `claim` throws
   */
  async begin<I, O>(batch: Batch<I, O>): Promise<number> {
    const claimed = this.#turn.then(() => this.#claim(batch));
    this.#turn = claimed.catch(() => {});
    const items = await claimed;
    return items.length > 0 ? this.#start(items, batch) : 0;
  }

  /** Resolves when every batch that has begun is finished. */
  async finished(): Promise<void> {
    await Promise.all(this.#unfinished);
  }

  async #claim<I, O>({ claim }: Batch<I, O>): Promise<readonly I[]> {
    while (this.#count > this.#most / 2) await this.#freed.promise;
    const items = await claim(this.#most - this.#count);
    this.#count += items.length;
    return items;
  }

  #start<I, O>(items: readonly I[], { work, isDone, finish }: Batch<I, O>): Promise<number> {
    const next = Promise.withResolvers<number>();
    let left = items.length;
    let done = 0;
    const working = items.map(async (item) => {
      try {
        const result = await work(item);
        if (isDone(result)) done++;
        return result;
      } finally {
        this.#free();
        left--;
        if (done > 0 && left <= items.length / 2) next.resolve(done);
      }
    });
    const whole = Promise.allSettled(working).then(finish);
    const remove = this.#unfinished.add(whole);
    void whole.finally(() => {
      remove();
      next.resolve(done);
    });
    return next.promise;
  }

  #free(): void {
    this.#count--;
    this.#freed.resolve();
    this.#freed = Promise.withResolvers();
  }
}

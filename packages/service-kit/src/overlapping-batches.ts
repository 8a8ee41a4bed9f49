import { UnderWay } from './under-way.ts';

export interface Batch<I, O> {
  items: readonly I[];
  work(item: I): Promise<O>;
  /** True if the item is dealt with. */
  isDone(result: O): boolean;
  /** Ends the batch, once every item was worked on. Must not throw. */
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

  /** @param most the items that may be under way when a batch begins, those of the batch included (I13) */
  constructor(most: number) {
    this.#most = most;
  }

  /** Waits while more than half of the places are taken. @returns how many are free */
  async room(): Promise<number> {
    while (this.#count > this.#most / 2) await this.#freed.promise;
    return this.#most - this.#count;
  }

  /** Begins a batch. @returns how many of its items were done when the next batch may begin; 0 if all are over and none was done */
  start<I, O>({ items, work, isDone, finish }: Batch<I, O>): Promise<number> {
    const next = Promise.withResolvers<number>();
    let left = items.length;
    let done = 0;
    const working = items.map(async (item) => {
      this.#count++;
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

  /** Resolves when every batch that has begun is finished. */
  async finished(): Promise<void> {
    await Promise.all(this.#unfinished);
  }

  #free(): void {
    this.#count--;
    this.#freed.resolve();
    this.#freed = Promise.withResolvers();
  }
}

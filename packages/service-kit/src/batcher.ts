/** Thrown by `submit` when `maxWaiting` items already wait. */
export class BatcherFull extends Error {
  override name = 'BatcherFull';
}

export interface BatcherOptions<I, O> {
  /** The most items in one batch. */
  maxBatch: number;
  /** The most items that may wait (I13). */
  maxWaiting: number;
  /** Does the work of a whole batch; returns the results in the order of the items. One call at a time. */
  run(items: I[]): Promise<O[]>;
  /** True for an error that one item may have caused: each item of the batch is then run alone. */
  isItemError?(error: unknown): boolean;
  /** Receives the size of every batch. */
  onBatch?(size: number): void;
}

export interface Batcher<I, O> {
  /** Resolves with this item's result once its batch is done. @throws {BatcherFull} or what `run` threw. */
  submit(item: I): Promise<O>;
  readonly waiting: number;
}

interface Waiter<I, O> {
  item: I;
  resolve(result: O): void;
  reject(error: unknown): void;
}

/**
 * Group commit: items that arrive while a batch runs become the next batch. No item is delayed to fill a batch: a lone
 * item costs the same as without batching, and batches grow with the load.
 */
export function createBatcher<I, O>(options: BatcherOptions<I, O>): Batcher<I, O> {
  let waiting: Waiter<I, O>[] = [];
  let running = false;

  async function runAlone(waiters: Waiter<I, O>[]): Promise<void> {
    for (const waiter of waiters) await runBatch([waiter]);
  }

  async function runBatch(waiters: Waiter<I, O>[]): Promise<void> {
    options.onBatch?.(waiters.length);
    try {
      const results = await options.run(waiters.map((waiter) => waiter.item));
      waiters.forEach((waiter, index) => {
        waiter.resolve(results[index] as O);
      });
    } catch (error) {
      if (waiters.length > 1 && options.isItemError?.(error)) return runAlone(waiters);
      for (const waiter of waiters) waiter.reject(error);
    }
  }

  async function loop(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, options.maxBatch);
      waiting = waiting.slice(options.maxBatch);
      await runBatch(batch);
    }
    running = false;
  }

  return {
    submit(item) {
      if (waiting.length >= options.maxWaiting) return Promise.reject(new BatcherFull('too much work is waiting'));
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (running) return;
        running = true;
        // One turn of the event loop later: requests read from the sockets together then travel together.
        setImmediate(loop);
      });
    },
    get waiting() {
      return waiting.length;
    },
  };
}

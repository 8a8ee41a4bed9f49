/** If a batch fails, waiting items older than this are not run; milliseconds. */
const PATIENCE_MS = 1_000;

/** Thrown by `submit` when `maxWaiting` items already wait. */
export class BatcherFull extends Error {
  override name = 'BatcherFull';
}

/** Thrown by `submit` for an item that was not run, because the batch before it failed and the item had waited too long. */
export class NotRun extends Error {
  override name = 'NotRun';
  readonly code = 'ETIMEDOUT';
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
  /** The error of an item that was not run because a batch before it failed with `cause`. Default: `NotRun`. */
  notRun?(cause: unknown): Error;
  /** Receives the size of every batch. */
  onBatch?(size: number): void;
}

export interface Batcher<I, O> {
  /** Resolves with this item's result once its batch is done. @throws {BatcherFull}, {NotRun} or what `run` threw. */
  submit(item: I): Promise<O>;
  readonly waiting: number;
}

interface Waiter<I, O> {
  item: I;
  since: number;
  resolve(result: O): void;
  reject(error: unknown): void;
}

/** A failure that no item caused. */
interface Failure {
  cause: unknown;
}

/**
 * Group commit: items that arrive while a batch runs become the next batch. No item is delayed to fill a batch: a lone
 * item costs the same as without batching, and batches grow with the load. A failure that no item caused also ends the wait of
 * the items that have waited for a second: a database that hangs would let each batch after it hang as long again.
 */
export function createBatcher<I, O>(options: BatcherOptions<I, O>): Batcher<I, O> {
  let waiting: Waiter<I, O>[] = [];
  let running = false;

  async function runAlone(waiters: Waiter<I, O>[]): Promise<Failure | undefined> {
    for (const [n, waiter] of waiters.entries()) {
      const failure = await runBatch([waiter]);
      if (!failure) continue;
      giveUp(waiters.slice(n + 1), failure.cause);
      return failure;
    }
    return undefined;
  }

  async function runBatch(waiters: Waiter<I, O>[]): Promise<Failure | undefined> {
    options.onBatch?.(waiters.length);
    try {
      const results = await options.run(waiters.map((waiter) => waiter.item));
      waiters.forEach((waiter, index) => {
        waiter.resolve(results[index] as O);
      });
    } catch (error) {
      const ofItem = options.isItemError?.(error) ?? false;
      if (waiters.length > 1 && ofItem) return runAlone(waiters);
      for (const waiter of waiters) waiter.reject(error);
      if (!ofItem) return { cause: error };
    }
    return undefined;
  }

  function giveUp(waiters: Waiter<I, O>[], cause: unknown): void {
    const error = options.notRun?.(cause) ?? new NotRun('the work before this failed', { cause });
    for (const waiter of waiters) waiter.reject(error);
  }

  async function loop(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, options.maxBatch);
      waiting = waiting.slice(options.maxBatch);
      const failure = await runBatch(batch);
      if (!failure) continue;
      const latest = performance.now() - PATIENCE_MS;
      const late = waiting.filter(({ since }) => since < latest);
      // In the order of arrival: the oldest come first.
      waiting = waiting.slice(late.length);
      giveUp(late, failure.cause);
    }
    running = false;
  }

  return {
    submit(item) {
      if (waiting.length >= options.maxWaiting) return Promise.reject(new BatcherFull('too much work is waiting'));
      return new Promise((resolve, reject) => {
        waiting.push({ item, since: performance.now(), resolve, reject });
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

/**
 * A stream of another service's records about orders, read beside the orders: both are sorted by id. Records without an order are
 * handed to `onOrphan`, unless the order was dropped for its age.
 */
export class Beside<T extends { orderId: string }> {
  readonly #stream: AsyncGenerator<T>;
  readonly #goneBefore: string;
  readonly #onOrphan: (record: T, again: boolean) => void;
  #next: IteratorResult<T> | undefined;
  #last: string | undefined;

  /** @param onOrphan told, too, whether the record before was about the same order */
  constructor(stream: AsyncGenerator<T>, goneBefore: string, onOrphan: (record: T, again: boolean) => void) {
    this.#stream = stream;
    this.#goneBefore = goneBefore;
    this.#onOrphan = onOrphan;
  }

  /** The record about this order, if there is one; hands over those before it. Call it with ascending ids. */
  async take(id: string): Promise<T | undefined> {
    await this.#handOver(id);
    const next = await this.#peek();
    return !next.done && next.value.orderId === id ? this.#advance(next.value) : undefined;
  }

  /** Hands over what is left. */
  rest = (): Promise<void> => this.#handOver(undefined);

  async #handOver(before: string | undefined): Promise<void> {
    for (;;) {
      const next = await this.#peek();
      if (next.done || (before !== undefined && next.value.orderId >= before)) return;
      // A participant drops its part of the history after the order service.
      const isGone = next.value.orderId < this.#goneBefore;
      const again = next.value.orderId === this.#last;
      const record = this.#advance(next.value);
      if (!isGone) this.#onOrphan(record, again);
    }
  }

  async #peek(): Promise<IteratorResult<T>> {
    this.#next ??= await this.#stream.next();
    return this.#next;
  }

  #advance(record: T): T {
    this.#last = record.orderId;
    this.#next = undefined;
    return record;
  }
}

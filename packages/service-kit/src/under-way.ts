interface Entry<T> {
  readonly item: T;
  place: number;
}

/**
 * What is under way now, in no order. Not a Set: each time a Set's table is outgrown V8 links the old one to the new, and once one of
 * them is old enough to outlive a scavenge, all later ones do until the next full collection, with everything that went through
 * them. Of responses that was 16 MB to be copied every 46 allocated (docs/lab/performance-notebook.md).
 */
export class UnderWay<T> implements Iterable<T> {
  readonly #entries: Entry<T>[] = [];

  /** @returns what takes the item out again; to be called once */
  add(item: T): () => void {
    const entry = { item, place: this.#entries.length };
    this.#entries.push(entry);
    return () => {
      // The last one takes its place.
      const last = this.#entries.pop() as Entry<T>;
      if (last === entry) return;
      this.#entries[entry.place] = last;
      last.place = entry.place;
    };
  }

  *[Symbol.iterator](): Generator<T> {
    for (const { item } of this.#entries) yield item;
  }
}

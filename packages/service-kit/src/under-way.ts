interface Entry<T> {
  readonly item: T;
  place: number;
}

/**
 * The items under way now, in no order. Not a Set: whenever a Set outgrows its table, V8 links the old table to the new one. Once
 * one of them survives a scavenge, all later ones do until the next full collection, with everything they held. For responses
 * that meant copying 16 MB for every 46 MB allocated (docs/lab/performance-notebook.md).
 */
export class UnderWay<T> implements Iterable<T> {
  readonly #entries: Entry<T>[] = [];

  /** @returns a function that removes the item again; call it once */
  add(item: T): () => void {
    const entry = { item, place: this.#entries.length };
    this.#entries.push(entry);
    return () => {
      // The last item takes its place.
      const last = this.#entries.pop() as Entry<T>;
      if (last === entry) return;
      this.#entries[entry.place] = last;
      last.place = entry.place;
    };
  }

  get size(): number {
    return this.#entries.length;
  }

  find(isIt: (item: T) => boolean): T | undefined {
    return this.#entries.find(({ item }) => isIt(item))?.item;
  }

  *[Symbol.iterator](): Generator<T> {
    for (const { item } of this.#entries) yield item;
  }
}

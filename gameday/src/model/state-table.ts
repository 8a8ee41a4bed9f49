const FIRST_ROOM = 1 << 16;

/**
 * A set of pairs of 32-bit numbers in the order of their arrival, with the place of the pair each came from. Open addressing over
 * typed arrays: about 24 bytes a state, where a `Map` would take a hundred.
 */
export class StateTable {
  high = new Int32Array(FIRST_ROOM);
  low = new Int32Array(FIRST_ROOM);
  from = new Int32Array(FIRST_ROOM);
  size = 0;
  /** Places plus one; 0 is free. At most half of them are taken. */
  #slots = new Int32Array(FIRST_ROOM * 2);

  has(high: number, low: number): boolean {
    const mask = this.#slots.length - 1;
    let slot = mix(high, low) & mask;
    for (let place = this.#slots[slot] as number; place !== 0; place = this.#slots[slot] as number) {
      if (this.high[place - 1] === high && this.low[place - 1] === low) return true;
      slot = (slot + 1) & mask;
    }
    return false;
  }

  /** @returns true if the pair is new */
  add(high: number, low: number, from: number): boolean {
    const mask = this.#slots.length - 1;
    let slot = mix(high, low) & mask;
    for (let place = this.#slots[slot] as number; place !== 0; place = this.#slots[slot] as number) {
      if (this.high[place - 1] === high && this.low[place - 1] === low) return false;
      slot = (slot + 1) & mask;
    }
    if (this.size === this.high.length) {
      this.#grow();
      return this.add(high, low, from);
    }
    this.high[this.size] = high;
    this.low[this.size] = low;
    this.from[this.size] = from;
    this.#slots[slot] = ++this.size;
    return true;
  }

  #grow(): void {
    const room = this.size * 2;
    const larger = (column: Int32Array<ArrayBuffer>) => {
      const copy = new Int32Array(room);
      copy.set(column);
      return copy;
    };
    [this.high, this.low, this.from] = [larger(this.high), larger(this.low), larger(this.from)];
    this.#slots = new Int32Array(room * 2);
    const mask = this.#slots.length - 1;
    for (let place = 0; place < this.size; place++) {
      let slot = mix(this.high[place] as number, this.low[place] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = place + 1;
    }
  }
}

/** The finalizer of MurmurHash3 over both halves. */
function mix(high: number, low: number): number {
  let hash = Math.imul(high, 0x9e3779b1) ^ Math.imul(low, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

import { keyOf, type Side } from './difference.ts';

interface Open {
  sinceMs: number;
  /** How many more entries of a key our side has than the other. A list: nearly always there is one key, for less than a second. */
  surplus: readonly [key: string, count: number][];
}

/** As it is saved: reference, since when, surplus. */
export type BalanceMemory = [string, number, readonly [string, number][]][];

/** The references of which both sides have not said the same yet. Entries that cancel each other out are forgotten. */
export class Balance {
  readonly #open: Map<string, Open>;

  constructor(memory: BalanceMemory) {
    this.#open = new Map(memory.map(([reference, sinceMs, surplus]) => [reference, { sinceMs, surplus }]));
  }

  /** Counts an entry of our ledger, +1, or of the provider's books, -1. */
  add(count: 1 | -1, side: Side, nowMs: number): void {
    const key = keyOf(side);
    const open = this.#open.get(side.reference);
    if (!open) {
      this.#open.set(side.reference, { sinceMs: nowMs, surplus: [[key, count]] });
      return;
    }
    const others = open.surplus.filter(([known]) => known !== key);
    const left = count + (open.surplus.find(([known]) => known === key)?.[1] ?? 0);
    open.surplus = left === 0 ? others : [...others, [key, left]];
    if (open.surplus.length === 0) this.#open.delete(side.reference);
  }

  /** References that have been open since before `ms`. */
  openSince(ms: number, limit: number): string[] {
    const due: string[] = [];
    for (const [reference, { sinceMs }] of this.#open) {
      if (due.length === limit) break;
      if (sinceMs <= ms) due.push(reference);
    }
    return due;
  }

  /**
   * Lets a reference rest that was looked up. Its entries stay counted: those that were seen there are still to come, and would
   * cancel out a real difference.
   */
  postpone(reference: string, untilMs: number): void {
    const open = this.#open.get(reference);
    if (open) open.sinceMs = untilMs;
  }

  forget(reference: string): void {
    this.#open.delete(reference);
  }

  get memory(): BalanceMemory {
    return [...this.#open].map(([reference, { sinceMs, surplus }]) => [reference, sinceMs, surplus]);
  }
}

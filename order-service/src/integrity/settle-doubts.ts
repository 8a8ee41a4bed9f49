import type { IntegrityStore } from './integrity-store.ts';
import type { Finding } from './judge-integrity.ts';
import type { LedgerClient } from './ledger-client.ts';
import { lookUpOrders } from './look-up-orders.ts';
import type { OrderReconciler } from './reconcile-orders.ts';
import type { StockReconciler } from './reconcile-stock.ts';
import type { ViolationBook } from './violation-book.ts';

export interface DoubtsOptions {
  store: Pick<IntegrityStore, 'findAll'>;
  ledger: Pick<LedgerClient, 'ofOrder' | 'stock'>;
  book: ViolationBook;
  intervalMs: number;
  patienceMs: number;
  signal: AbortSignal;
}

const LOOK_UPS_PER_ROUND = 50;
/** With more orders in doubt than this, reading stops until they have been looked up (I13). */
const MAX_DOUBTFUL = 5_000;
/** Listed violations are looked up again after this many intervals. */
const RECHECK_EVERY = 20;

/** Looks doubtful orders up on both sides, and puts only real violations into the book. */
export class Doubts {
  readonly #options: DoubtsOptions;
  /** Orders to look up, and since when. */
  readonly #orders = new Map<string, number>();
  #shown: Awaited<ReturnType<LedgerClient['stock']>> | undefined;
  #recheckAt = 0;

  constructor(options: DoubtsOptions) {
    this.#options = options;
  }

  get areMany(): boolean {
    return this.#orders.size >= MAX_DOUBTFUL;
  }

  get areSettled(): boolean {
    return this.#orders.size === 0;
  }

  /** When the oldest open doubt arose, milliseconds since 1970. */
  get since(): number | undefined {
    let oldest: number | undefined;
    for (const since of this.#orders.values()) oldest = Math.min(oldest ?? since, since);
    return oldest;
  }

  /** Looks up the orders that look wrong and have been quiet since `quietSince`, and reports those that are wrong. */
  async judgeOrders(orders: OrderReconciler, quietSince: number): Promise<void> {
    for (const id of orders.judge(quietSince)) if (!this.#orders.has(id)) this.#orders.set(id, Date.now());
    this.#options.book.report(await this.#lookUp(orders));
  }

  /** A finding that may only be late stays in doubt for `patienceMs`. */
  async #lookUp(orders: OrderReconciler): Promise<Finding[]> {
    const { store, ledger, signal, patienceMs } = this.#options;
    const confirmed: Finding[] = [];
    const ids = [...this.#orders.keys()].slice(0, LOOK_UPS_PER_ROUND);
    for (const { id, findings } of await lookUpOrders(ids, store, ledger, signal)) {
      const since = this.#orders.get(id) ?? 0;
      this.#orders.delete(id);
      if (findings.some(({ maybeLate }) => maybeLate) && Date.now() - since < patienceMs) {
        this.#orders.set(id, since);
        continue;
      }
      orders.forget(id);
      if (findings.length === 0) orders.checked++;
      confirmed.push(...findings);
    }
    return confirmed;
  }

  /** Judges the stock of the last read, since the ledger has been read past it by now; then reads the stock again. */
  async judgeStock(stock: StockReconciler): Promise<void> {
    const { book, ledger } = this.#options;
    if (this.#shown) book.report(stock.judge(this.#shown, Date.now()));
    for (const item of book.items()) if (!stock.isDoubtful(item)) book.clear(item);
    stock.mark();
    // Clear it first: if the read fails, no stale stock may be judged.
    this.#shown = undefined;
    this.#shown = await ledger.stock();
  }

  /** Looks the listed orders up again now and then, and withdraws those that an operator has put right. */
  async recheck(): Promise<void> {
    const { book, store, ledger, signal, intervalMs } = this.#options;
    if (book.size === 0 || Date.now() <= this.#recheckAt) return;
    this.#recheckAt = Date.now() + RECHECK_EVERY * intervalMs;
    const looked = await lookUpOrders(book.orders(), store, ledger, signal);
    for (const { id, findings } of looked) if (findings.length === 0) book.clear(id);
  }

  /** The history is read again from its beginning, so the stock of the last read cannot be compared with it. */
  startOver(): void {
    this.#shown = undefined;
  }
}

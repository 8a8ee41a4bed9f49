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
/** Orders in doubt above which nothing is read until they have been looked up (I13). */
const MAX_DOUBTFUL = 5_000;
/** In intervals: how often orders that are listed as wrong are looked up again. */
const RECHECK_EVERY = 20;

/** Looks up on both sides what seems wrong, and puts in the book only what is. */
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

  /** Since when the oldest doubt is open, milliseconds. */
  get since(): number | undefined {
    let oldest: number | undefined;
    for (const since of this.#orders.values()) oldest = Math.min(oldest ?? since, since);
    return oldest;
  }

  /** Doubts orders that look wrong and have been quiet since `quietSince`, and reports those that are. */
  async judgeOrders(orders: OrderReconciler, quietSince: number): Promise<void> {
    for (const id of orders.judge(quietSince)) if (!this.#orders.has(id)) this.#orders.set(id, Date.now());
    this.#options.book.report(await this.#lookUp(orders));
  }

  /** What may only be late stays in doubt for a while. */
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

  /** Judges the stock of the last look, as the ledger has been read past it since, and looks again. */
  async judgeStock(stock: StockReconciler): Promise<void> {
    const { book, ledger } = this.#options;
    if (this.#shown) book.report(stock.judge(this.#shown, Date.now()));
    for (const item of book.items()) if (!stock.isDoubtful(item)) book.clear(item);
    stock.mark();
    // Cleared first: if the read fails, no stale stock may be judged.
    this.#shown = undefined;
    this.#shown = await ledger.stock();
  }

  /** Now and then: what an operator has put right is no violation any more. */
  async recheck(): Promise<void> {
    const { book, store, ledger, signal, intervalMs } = this.#options;
    if (book.size === 0 || Date.now() <= this.#recheckAt) return;
    this.#recheckAt = Date.now() + RECHECK_EVERY * intervalMs;
    const looked = await lookUpOrders(book.orders(), store, ledger, signal);
    for (const { id, findings } of looked) if (findings.length === 0) book.clear(id);
  }

  /** The history is read again from its beginning, which the last look at the stock is not comparable with. */
  startOver(): void {
    this.#shown = undefined;
  }
}

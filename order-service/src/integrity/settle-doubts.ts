import { pause } from '@valerix/service-kit/backoff';
import { type PaidOrder, paidAndRight } from './check-paid.ts';
import type { IntegrityStore } from './integrity-store.ts';
import type { Finding } from './judge-integrity.ts';
import type { LedgerClient } from './ledger-client.ts';
import { LOOK_UP_BATCH, lookUpOrders } from './look-up-orders.ts';
import type { MoneyClient } from './money-client.ts';
import type { OrderReconciler } from './reconcile-orders.ts';
import type { StockReconciler } from './reconcile-stock.ts';
import type { ViolationBook } from './violation-book.ts';

export interface DoubtsOptions {
  store: Pick<IntegrityStore, 'findAll' | 'goneBefore'>;
  ledger: Pick<LedgerClient, 'ofOrders' | 'stock'>;
  /** Undefined where no payments are offered. */
  money?: MoneyClient | undefined;
  book: ViolationBook;
  intervalMs: number;
  now: () => Date;
  signal: AbortSignal;
}

/** After an outage every order that waited is in doubt: 100,000 of them take less than a minute. */
const PER_ROUND = 10 * LOOK_UP_BATCH;
/** With more orders in doubt than this, reading stops until they have been looked up (I13). */
const MAX_DOUBTFUL = 5_000;
/** Listed violations are looked up again after this many intervals. */
const RECHECK_EVERY = 20;

/** Looks doubtful orders up on both sides, and puts only real violations into the book. */
export class Doubts {
  readonly #options: DoubtsOptions;
  /** Orders to look up, and since when. */
  readonly #orders = new Map<string, number>();
  /** The page of items that was read last, and the cursor of the next one; null for the first page. */
  #shown: Awaited<ReturnType<LedgerClient['stock']>> | undefined;
  #nextPage: string | null = null;
  #recheckAt = 0;

  /** @param unjudged orders that were not judged when the checkpoint was taken */
  constructor(options: DoubtsOptions, unjudged: readonly string[]) {
    this.#options = options;
    for (const id of unjudged) this.#orders.set(id, this.#nowMs);
  }

  get #nowMs(): number {
    return this.#options.now().getTime();
  }

  /** The orders in doubt. */
  get open(): string[] {
    return [...this.#orders.keys()];
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
    for (const id of orders.judge(quietSince)) if (!this.#orders.has(id)) this.#orders.set(id, this.#nowMs);
    const paid = this.open.flatMap((id) => orders.paid(id) ?? []);
    await this.#inBatches(paid.slice(0, PER_ROUND), (batch) => this.#checkPaid(batch, orders));
    const later = new Set(paid.slice(PER_ROUND).map(({ id }) => id));
    const ids = this.open.filter((id) => !later.has(id)).slice(0, PER_ROUND);
    await this.#inBatches(ids, async (batch) => this.#options.book.report(await this.#lookUp(batch, orders)));
  }

  async #inBatches<T>(all: readonly T[], work: (batch: readonly T[]) => Promise<void>): Promise<void> {
    for (let at = 0; at < all.length; at += LOOK_UP_BATCH) {
      this.#options.signal.throwIfAborted();
      const started = performance.now();
      await work(all.slice(at, at + LOOK_UP_BATCH));
      if (all.length > LOOK_UP_BATCH) await pause(performance.now() - started, this.#options.signal);
    }
  }

  /** Every paid order is asked about; to look all of them up in full would cost a fifth of a paid order. */
  async #checkPaid(batch: readonly PaidOrder[], orders: OrderReconciler): Promise<void> {
    const { ledger, money } = this.#options;
    for (const { id } of await paidAndRight(batch, ledger, money)) {
      this.#orders.delete(id);
      orders.countLookedUp(id, 1);
    }
  }

  async #lookUp(ids: readonly string[], orders: OrderReconciler): Promise<Finding[]> {
    const { store, ledger, money } = this.#options;
    const confirmed: Finding[] = [];
    for (const { id, findings, timesSettled } of await lookUpOrders(ids, store, ledger, money)) {
      this.#orders.delete(id);
      if (findings.length === 0) orders.countLookedUp(id, timesSettled);
      orders.forget(id);
      confirmed.push(...findings);
    }
    return confirmed;
  }

  /**
   * Judges the page of items read last, since the ledger has been read past it by now; then reads the next page. A catalogue larger
   * than a page is gone through in turn.
   */
  async judgeStock(stock: StockReconciler): Promise<void> {
    const { book, ledger } = this.#options;
    if (this.#shown) {
      const { items } = this.#shown;
      book.report(stock.judge(items, this.#nowMs));
      const judged = new Set(items.map(({ item_id }) => item_id));
      for (const item of book.items()) if (judged.has(item) && !stock.isDoubtful(item)) book.clear(item);
    }
    stock.mark();
    // Clear it first: if the read fails, no stale stock may be judged.
    this.#shown = undefined;
    this.#shown = await ledger.stock(this.#nextPage);
    this.#nextPage = this.#shown.next_cursor;
  }

  /** Looks the listed orders up again now and then, and withdraws what no longer holds: an operator has put it right. */
  async recheck(): Promise<void> {
    const { book, store, ledger, money, intervalMs } = this.#options;
    if (book.size === 0 || this.#nowMs <= this.#recheckAt) return;
    this.#recheckAt = this.#nowMs + RECHECK_EVERY * intervalMs;
    const looked = await lookUpOrders(book.orders(), store, ledger, money);
    for (const { id, findings } of looked) {
      book.clear(id, findings);
      book.report(findings);
    }
  }

  /** The history is read again from its beginning, so the stock of the last read cannot be compared with it. */
  startOver(): void {
    this.#shown = undefined;
  }
}

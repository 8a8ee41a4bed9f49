import type { LedgerEntry } from '@valerix/contracts';
import type { IntegrityStore } from './integrity-store.ts';
import { lineOf } from './judge-integrity.ts';
import type { LedgerClient } from './ledger-client.ts';
import { OrderReconciler } from './reconcile-orders.ts';
import { StockReconciler } from './reconcile-stock.ts';

export interface StreamFollowerOptions {
  store: Pick<IntegrityStore, 'eventsAfter'>;
  ledger: Pick<LedgerClient, 'after'>;
  patienceMs: number;
  signal: AbortSignal;
}

const PAGE = 1_000;
/** Pages in one round, so that reading a long history leaves the database free for orders. */
const PAGES_PER_ROUND = 10;

/** Reads the order events and the ledger in step, from their beginnings, into the two reconcilers. */
export class StreamFollower {
  readonly orders = new OrderReconciler();
  readonly stock: StockReconciler;
  readonly #options: StreamFollowerOptions;
  readonly #at = { event: '0.0', eventMs: 0, entry: undefined as string | undefined, entryMs: 0 };

  constructor(options: StreamFollowerOptions) {
    this.#options = options;
    this.stock = new StockReconciler(options.patienceMs);
  }

  /** The time that both sides have passed; zero before the first page. */
  get readToMs(): number {
    return Math.min(this.#at.eventMs, this.#at.entryMs);
  }

  /** Continues reading both sides, the older one first. @returns true when both are at their ends */
  async readOn(): Promise<boolean> {
    let [eventsEnd, entriesEnd] = [false, false];
    for (let page = 0; page < PAGES_PER_ROUND && !(eventsEnd && entriesEnd); page++) {
      this.#options.signal.throwIfAborted();
      const eventsTurn = !eventsEnd && (entriesEnd || this.#at.eventMs <= this.#at.entryMs);
      if (eventsTurn) eventsEnd = await this.#readEvents();
      else entriesEnd = await this.#readLedger();
    }
    return eventsEnd && entriesEnd;
  }

  // A side at its end has no older entries to come, so its last entry, perhaps long ago, must not hold the horizon back.
  async #readEvents(): Promise<boolean> {
    const askedMs = Date.now();
    const at = this.#at;
    const events = await this.#options.store.eventsAfter(at.event, PAGE);
    for (const event of events) {
      this.orders.event(event.type, event.order_id, event.at, event.lines ?? undefined);
      at.eventMs = Math.max(at.eventMs, event.at);
    }
    at.event = events.at(-1)?.position ?? at.event;
    if (events.length === PAGE) return false;
    at.eventMs = Math.max(at.eventMs, askedMs);
    return true;
  }

  async #readLedger(): Promise<boolean> {
    const askedMs = Date.now();
    const at = this.#at;
    const entries = await this.#options.ledger.after(at.entry, PAGE);
    for (const entry of entries) this.#post(entry);
    at.entry = entries.at(-1)?.position ?? at.entry;
    if (entries.length === PAGE) return false;
    at.entryMs = Math.max(at.entryMs, askedMs);
    return true;
  }

  #post(entry: LedgerEntry): void {
    const time = Date.parse(entry.created_at);
    this.#at.entryMs = Math.max(this.#at.entryMs, time);
    const { transaction_type, item_id, quantity_change, order_id } = entry;
    this.stock.entry(transaction_type, item_id, quantity_change);
    if (order_id === null || (transaction_type !== 'deduct' && transaction_type !== 'release')) return;
    this.orders.movement(transaction_type, order_id, time, lineOf(entry));
  }
}

import type { LedgerEntry } from '@valerix/contracts';
import { pause } from '@valerix/service-kit/backoff';
import type { AuditedEvent, IntegrityStore } from './integrity-store.ts';
import { lineOf } from './judge-integrity.ts';
import type { LedgerClient, LedgerStreamPage } from './ledger-client.ts';
import { OrderReconciler } from './reconcile-orders.ts';
import { type AccountMemory, StockReconciler } from './reconcile-stock.ts';
import { type SideMemory, StreamSide } from './stream-side.ts';

export interface StreamFollowerOptions {
  store: Pick<IntegrityStore, 'eventsAfter'>;
  ledger: Pick<LedgerClient, 'after'>;
  patienceMs: number;
  now: () => Date;
  signal: AbortSignal;
}

type Side = Pick<StreamSide<AuditedEvent> | StreamSide<LedgerEntry>, 'readPage' | 'readToMs' | 'heldSinceMs'>;

/** What a checkpoint keeps of both streams. */
export interface StreamsMemory {
  events: SideMemory;
  entries: SideMemory;
  accounts: AccountMemory[];
  checked: number;
  /** What was dropped of the ledger when `accounts` was opened, or last seen to be dropped. */
  gone_before?: string | undefined;
}

/** Nothing was read. */
export const START: StreamsMemory = {
  events: { position: '0.0', readToMs: 0 },
  entries: { position: '0.0', readToMs: 0 },
  accounts: [],
  checked: 0,
};

/** One round reads for about this long, so that its verdict and its checkpoint are saved in time, */
const ROUND_MS = 1_000;
/** and at most this many pages: the orders of a round are judged before the oldest is forgotten. */
const PAGES_PER_ROUND = 10;
/** What is older than this is history, milliseconds. */
const HISTORY_MS = 5_000;
/** After a page of history it rests this many times as long as the page took: orders come first, the more the busier they are, */
const REST = 2;
/** but at most this long, milliseconds: it must catch up while orders keep the system busy. */
const MAX_REST_MS = 100;

/** Reads the order events and the ledger in step, from where the memory ends, into the two reconcilers. */
export class StreamFollower {
  readonly orders = new OrderReconciler();
  readonly stock: StockReconciler;
  readonly #signal: AbortSignal;
  readonly #now: () => Date;
  readonly #events: StreamSide<AuditedEvent>;
  readonly #entries: StreamSide<LedgerEntry>;
  #goneBefore: string | undefined;
  #wasCut = false;

  constructor({ store, ledger, patienceMs, now, signal }: StreamFollowerOptions, memory: StreamsMemory) {
    this.#signal = signal;
    this.#now = now;
    this.orders.checked = memory.checked;
    this.stock = new StockReconciler(patienceMs, memory.accounts);
    const postEvent = (event: AuditedEvent): number => {
      const { currency, total_cents: total } = event;
      const price = currency === null || total === null ? undefined : { currency, total };
      this.orders.event(event.type, event.order_id, event.at, event.lines ?? undefined, event.paid, price);
      return event.at;
    };
    const postEntry = (entry: LedgerEntry): number => this.#post(entry);
    this.#events = new StreamSide({ read: store.eventsAfter, post: postEvent, now }, memory.events);
    const readEntries = async (position: string, limit: number) => {
      const page = await ledger.after(position, limit);
      this.#open(position, page);
      return page;
    };
    this.#entries = new StreamSide({ read: readEntries, post: postEntry, now }, memory.entries);
    this.#goneBefore = memory.gone_before;
  }

  /** The time that both sides have passed; zero before the first page. */
  get readToMs(): number {
    return Math.min(this.#events.readToMs, this.#entries.readToMs);
  }

  /** The service whose database has a transaction that holds its stream back, and since when. */
  get heldBack(): { service: 'order' | 'inventory'; sinceMs: number } | undefined {
    const since = { order: this.#events.heldSinceMs, inventory: this.#entries.heldSinceMs };
    const service = (since.inventory ?? Infinity) <= (since.order ?? Infinity) ? 'inventory' : 'order';
    const sinceMs = since[service];
    return sinceMs === undefined ? undefined : { service, sinceMs };
  }

  /** True if ledger entries were dropped since the first page: while the history is being read, some may have been missed. */
  get wasCut(): boolean {
    return this.#wasCut;
  }

  get memory(): StreamsMemory {
    const [events, entries] = [this.#events.memory, this.#entries.memory];
    const { checked } = this.orders;
    return { events, entries, accounts: this.stock.memory, checked, gone_before: this.#goneBefore };
  }

  /** Continues reading both sides, the older one first. @returns true when it has read all there is */
  async readOn(): Promise<boolean> {
    const end = performance.now() + ROUND_MS;
    const ended = new Set<unknown>();
    for (let page = 0; ; page++) {
      this.#signal.throwIfAborted();
      const [older, newer] = this.#byAge();
      const side = ended.has(older) ? newer : older;
      // Reading on beside a stream that is held back would fill the memory with orders that cannot be judged.
      if (ended.has(side) || (side === newer && older.heldSinceMs !== undefined)) return true;
      if (page === PAGES_PER_ROUND || performance.now() > end) return false;
      const started = performance.now();
      if (await side.readPage()) ended.add(side);
      else if (side.readToMs < this.#now().getTime() - HISTORY_MS) await this.#rest(performance.now() - started);
    }
  }

  #rest(tookMs: number): Promise<void> {
    return pause(Math.min(REST * tookMs, MAX_REST_MS), this.#signal);
  }

  #byAge(): [older: Side, newer: Side] {
    const [events, entries] = [this.#events, this.#entries];
    return events.readToMs <= entries.readToMs ? [events, entries] : [entries, events];
  }

  #open(position: string, { goneBefore, opening = [] }: LedgerStreamPage): void {
    if (position === START.entries.position) this.stock.open(opening);
    else if (goneBefore !== this.#goneBefore) this.#wasCut = true;
    this.#goneBefore = goneBefore;
  }

  #post(entry: LedgerEntry): number {
    const time = Date.parse(entry.created_at);
    const { transaction_type, item_id, quantity_change, order_id } = entry;
    this.stock.entry(transaction_type, item_id, quantity_change);
    if (order_id !== null && (transaction_type === 'deduct' || transaction_type === 'release')) {
      this.orders.movement(transaction_type, order_id, time, lineOf(entry));
    }
    return time;
  }
}

import { type MoneyDifference, orderId } from '@valerix/contracts';
import type { RunningAudit } from '@valerix/service-kit/audit/one-auditor';
import type { Logger } from '@valerix/service-kit/logger';
import type { BookTold } from '../ask-provider.ts';
import type { Payment } from '../decide-payment.ts';
import type { PaymentReadsStore } from '../payment-reads-store.ts';
import type { PaymentProvider } from '../provider/payment-provider.ts';
import { Balance, type BalanceMemory } from './balance.ts';
import { differenceOf, type Side, sideOf } from './difference.ts';

export interface ReconcileOptions {
  reads: Pick<PaymentReadsStore, 'readLedger' | 'findPayment' | 'goneBefore'>;
  provider: Pick<PaymentProvider, 'books' | 'find'>;
  bookTold: BookTold;
  logger: Logger;
  /** How long an entry may stand on one side only, milliseconds. */
  graceMs: number;
  now: () => Date;
  /** Ends a round at its next look-up. */
  signal: AbortSignal;
}

export const CHECKPOINT_VERSION = 1;

/** How far a side was read. */
interface Read {
  position: string;
  /** The time of the last entry; now, once the end was reached. */
  toMs: number;
}

export interface Checkpoint {
  version: typeof CHECKPOINT_VERSION;
  ledger: Read;
  books: Read;
  open: BalanceMemory;
  differences: MoneyDifference[];
  compared: number;
  checked_at: string | null;
}

export interface Published {
  checked_at: string | null;
  compared: number;
  differences: MoneyDifference[];
}

const isSame = (one: Payment | undefined, other: Payment | undefined) => JSON.stringify(one) === JSON.stringify(other);

const START: Read = { position: '0.0', toMs: 0 };
export const FIRST: Checkpoint = {
  version: CHECKPOINT_VERSION,
  ledger: START,
  books: START,
  open: [],
  differences: [],
  compared: 0,
  checked_at: null,
};

const PAGE = 1_000;
/** The most references looked up in one round: each costs two questions to the provider. */
const LOOK_UPS = 50;
/** How long a reference rests that was looked up, milliseconds. */
const REST_MS = 5_000;
/** The most differences that are kept (I13). */
const MAX_DIFFERENCES = 1_000;

/**
 * Follows the ledger and the provider's books, and compares them by reference (I14). A reference that stands on one side only for a while
 * is looked up in full: what the provider says is booked as if it had told it by itself, and what differs then is reported.
 */
export class Reconciliation implements RunningAudit<Checkpoint, Published> {
  readonly #options: ReconcileOptions;
  readonly #balance: Balance;
  readonly #ledger: Read;
  readonly #books: Read;
  readonly #differences: Map<string, MoneyDifference>;
  #compared: number;
  #checkedAt: string | null;
  #hurry = false;
  /** How many of the reported differences were looked at again in this turn. */
  #reportedAgain = 0;
  /** The provider's books still have these orders, our ledger has not. */
  #goneBefore = '';

  constructor(options: ReconcileOptions, { ledger, books, open, differences, compared, checked_at }: Checkpoint) {
    this.#options = options;
    this.#balance = new Balance(open);
    this.#ledger = { ...ledger };
    this.#books = { ...books };
    this.#differences = new Map(differences.map((one) => [one.order_id, one]));
    this.#compared = compared;
    this.#checkedAt = checked_at;
  }

  /** The next round looks up everything that is open, whatever its age. */
  hurry(): void {
    this.#hurry = true;
  }

  async round(): Promise<boolean> {
    const hurry = this.#hurry;
    this.#hurry = false;
    this.#goneBefore = await this.#options.reads.goneBefore();
    const more = await this.#readOn();
    const nowMs = this.#options.now().getTime();
    const due = this.#balance.openSince(hurry ? nowMs : nowMs - this.#options.graceMs, LOOK_UPS);
    for (const reference of due) await this.#lookUp(reference);
    // What was reported is looked at again, whichever side has changed: all of it in turn.
    for (const reference of this.#nextReported()) if (!due.includes(reference)) await this.#lookUp(reference);
    const isMore = more || due.length === LOOK_UPS;
    if (!isMore) this.#checkedAt = this.#options.now().toISOString();
    return isMore;
  }

  #nextReported(): string[] {
    const all = [...this.#differences.keys()];
    const from = this.#reportedAgain >= all.length ? 0 : this.#reportedAgain;
    this.#reportedAgain = from + LOOK_UPS;
    return all.slice(from, from + LOOK_UPS);
  }

  /** Reads the side that is behind, and the other one too when that has come to its end: few references are then open at once. */
  async #readOn(): Promise<boolean> {
    const sides = [() => this.#readLedger(), () => this.#readBooks()];
    if (this.#books.toMs < this.#ledger.toMs) sides.reverse();
    for (const read of sides) if (await read()) return true;
    return false;
  }

  async #readLedger(): Promise<boolean> {
    const { items } = await this.#options.reads.readLedger({ after: this.#ledger.position, limit: PAGE });
    return this.#take(
      1,
      this.#ledger,
      items.map((entry) => ({ ...entry, ...sideOf(entry) })),
    );
  }

  async #readBooks(): Promise<boolean> {
    const items = await this.#options.provider.books({ after: this.#books.position, limit: PAGE });
    return this.#take(-1, this.#books, items);
  }

  #take(count: 1 | -1, read: Read, entries: readonly (Side & { position: string; created_at: string })[]): boolean {
    const nowMs = this.#options.now().getTime();
    for (const entry of entries) if (!this.#isGone(entry.reference)) this.#balance.add(count, entry, nowMs);
    const last = entries.at(-1);
    if (last) read.position = last.position;
    this.#compared += entries.length;
    const isFull = entries.length === PAGE;
    read.toMs = isFull && last ? Date.parse(last.created_at) : nowMs;
    return isFull;
  }

  #isGone(reference: string): boolean {
    return reference < this.#goneBefore && orderId.safeParse(reference).success;
  }

  async #lookUp(reference: string): Promise<void> {
    this.#options.signal.throwIfAborted();
    if (this.#isGone(reference)) {
      this.#differences.delete(reference);
      return this.#balance.forget(reference);
    }
    const { reads, provider, bookTold, now } = this.#options;
    const { success: isOrder, data: order_id = '' } = orderId.safeParse(reference);
    const told = await provider.find(reference);
    if (isOrder) await bookTold({ order_id, told });
    const payment = isOrder ? await reads.findPayment(order_id) : undefined;
    const ours = isOrder ? (await reads.readLedger({ order_id: [order_id], limit: PAGE })).items.map(sideOf) : [];
    const theirs = await provider.books({ reference });
    const story = differenceOf(payment, ours, theirs);
    this.#balance.postpone(reference, now().getTime() + REST_MS);
    if (!story) {
      if (this.#differences.delete(reference)) {
        this.#options.logger.info({ order_id: reference }, "the ledger and the provider's books agree again");
      }
      // While it waits, the worker asks the provider. What moved during the look-up is looked at again.
    } else if (!payment?.waits_for && isSame(payment, isOrder ? await reads.findPayment(order_id) : undefined)) {
      this.#report(reference, story);
    }
  }

  #report(reference: string, story: string): void {
    const known = this.#differences.get(reference);
    if (known?.story === story || (!known && this.#differences.size >= MAX_DIFFERENCES)) return;
    const found_at = known?.found_at ?? this.#options.now().toISOString();
    this.#differences.set(reference, { order_id: reference, found_at, story });
    this.#options.logger.error({ order_id: reference, invariant: 'I14' }, story);
  }

  get checkpoint(): Checkpoint {
    return {
      version: CHECKPOINT_VERSION,
      ledger: this.#ledger,
      books: this.#books,
      open: this.#balance.memory,
      ...this.published,
    };
  }

  get published(): Published {
    return { checked_at: this.#checkedAt, compared: this.#compared, differences: [...this.#differences.values()] };
  }
}

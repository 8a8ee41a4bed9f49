import type { Integrity } from '@valerix/contracts';
import type { Logger } from '@valerix/service-kit/logger';
import { START, StreamFollower, type StreamsMemory } from './follow-streams.ts';
import type { IntegrityStore } from './integrity-store.ts';
import type { LedgerClient } from './ledger-client.ts';
import type { MoneyClient } from './money-client.ts';
import { Doubts } from './settle-doubts.ts';
import { ReplacedStream } from './stream-side.ts';
import { type Backlog, lagMsOf, type Progress, verdictOf } from './verdict.ts';
import { type BookMemory, type Counts, ViolationBook } from './violation-book.ts';

export interface AuditOptions {
  store: IntegrityStore;
  ledger: LedgerClient;
  /** Undefined where no payments are offered. */
  money?: MoneyClient | undefined;
  logger: Logger;
  /** Time between two rounds, milliseconds. */
  intervalMs: number;
  /** How long an order must be quiet before it is judged, milliseconds: an order in flight is no violation. */
  graceMs: number;
  /** How long the ledger's sum may lack an entry while an older transaction runs, milliseconds: more than our own may take. */
  patienceMs: number;
  /** The time by the database's clock: the entries have it, and the memory passes between replicas. */
  now: () => Date;
  signal: AbortSignal;
}

/** All that a restart needs to go on; a full read of the history gives the same. */
export interface Checkpoint {
  version: typeof CHECKPOINT_VERSION;
  streams: StreamsMemory;
  /** Orders whose entries were read, and that were not judged. They are looked up, so that only their ids are kept. */
  unjudged: string[];
  book: BookMemory;
  passed: boolean;
  checked_at: string | null;
  /** When the audit without a checkpoint began, milliseconds since 1970. */
  began_ms: number;
}

/** What every replica shows. */
export interface Published {
  integrity: Integrity;
  /** The audit delay when it was published, milliseconds. */
  lag_ms: number;
  counts: Counts;
}

/** Another version is not read: the history is read again instead. */
export const CHECKPOINT_VERSION = 1;

/** Where an audit without a checkpoint starts. What was published before stays open until the history has been read. */
export function firstCheckpoint({ integrity: { violations }, counts }: Published, beganMs: number): Checkpoint {
  const book = { violations, counts, incomplete: false, reading_again: true };
  const progress = { passed: false, checked_at: null, began_ms: beganMs };
  return { version: CHECKPOINT_VERSION, streams: START, unjudged: [], book, ...progress };
}

/**
 * The audit of one replica: follows the order events and the ledger of the inventory service. It compares each order with its
 * deductions and releases (I4, I5, I6, I9), each paid one with its charge and refund as well (I14 to I17), and each item's stock with the ledger's sum (I1, I2). Before it reports a violation,
 * it looks the order up on both sides.
 */
export class Audit {
  readonly #options: AuditOptions;
  readonly #book: ViolationBook;
  readonly #doubts: Doubts;
  #streams: StreamFollower;
  readonly #progress: Progress;

  constructor(options: AuditOptions, { streams, unjudged, book, passed, checked_at, began_ms }: Checkpoint) {
    this.#options = options;
    this.#book = new ViolationBook(options, book);
    this.#doubts = new Doubts({ ...options, book: this.#book }, unjudged);
    this.#streams = new StreamFollower(options, streams);
    const checkedAt = checked_at === null ? undefined : new Date(checked_at);
    this.#progress = { beganMs: began_ms, checkedAt, passed, trouble: undefined };
  }

  /** Reads on and judges. @returns true when there is more to read or to look up @throws if a side cannot be read */
  async round(): Promise<boolean> {
    try {
      return await this.#round();
    } catch (error) {
      if (this.#options.signal.aborted) throw error;
      if (error instanceof ReplacedStream) this.#startOver();
      this.#progress.trouble = `the two sides could not be compared: ${(error as Error).message || String(error)}`;
      throw error;
    }
  }

  async #round(): Promise<boolean> {
    const [streams, doubts, book, progress] = [this.#streams, this.#doubts, this.#book, this.#progress];
    const complete = !doubts.areMany && (await streams.readOn());
    if (streams.wasCut && !progress.passed) {
      this.#startOver();
      return true;
    }
    // Report before the next call that may fail: a finding is not looked for again.
    await doubts.judgeOrders(streams.orders, streams.readToMs - this.#options.graceMs);
    // Stock shows at once what a transaction hides in the ledger.
    if (complete && !streams.heldBack) await doubts.judgeStock(streams.stock);
    if (complete) await doubts.recheck();
    progress.passed ||= complete && !streams.heldBack && doubts.areSettled;
    if (progress.passed) book.wasRead();
    progress.checkedAt = this.#options.now();
    progress.trouble = undefined;
    if (book.isIncomplete && book.size === 0) this.#startOver();
    return !complete || doubts.areMany;
  }

  /** Reads the whole history again. What is listed stays so until then. */
  #startOver(): void {
    this.#streams = new StreamFollower(this.#options, START);
    this.#book.readAgain();
    this.#doubts.startOver();
    this.#progress.passed = false;
  }

  get checkpoint(): Checkpoint {
    const { passed, checkedAt, beganMs } = this.#progress;
    return {
      version: CHECKPOINT_VERSION,
      streams: this.#streams.memory,
      unjudged: [...new Set([...this.#doubts.open, ...this.#streams.orders.unjudged])],
      book: this.#book.memory,
      passed,
      checked_at: checkedAt?.toISOString() ?? null,
      began_ms: beganMs,
    };
  }

  /** The present verdict, without waiting. */
  get published(): Published {
    const { orders, readToMs, heldBack } = this.#streams;
    const backlog: Backlog = { readToMs, heldBack, waitingSince: [orders.waiting.since, this.#doubts.since] };
    const lagMs = lagMsOf(this.#progress, backlog, this.#options.now().getTime());
    const { isIncomplete } = this.#book;
    const found = { violations: this.#book.list(), isIncomplete, ordersChecked: orders.checked };
    const integrity = verdictOf(this.#progress, backlog, lagMs, found);
    return { integrity, lag_ms: lagMs, counts: this.#book.counts };
  }
}

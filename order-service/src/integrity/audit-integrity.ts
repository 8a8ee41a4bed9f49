import type { Integrity, LedgerEntry } from '@valerix/contracts';
import { pause } from '@valerix/service-kit/backoff';
import type { Logger } from '@valerix/service-kit/logger';
import type { Metrics } from '../metrics.ts';
import type { IntegrityStore } from './integrity-store.ts';
import { type Finding, lineOf } from './judge-integrity.ts';
import type { LedgerClient } from './ledger-client.ts';
import { lookUpOrders } from './look-up-orders.ts';
import { OrderReconciler } from './reconcile-orders.ts';
import { StockReconciler } from './reconcile-stock.ts';
import { ViolationBook } from './violation-book.ts';

export interface AuditorOptions {
  store: IntegrityStore;
  ledger: LedgerClient;
  metrics: Pick<Metrics, 'integrityViolations'>;
  logger: Logger;
  /** How often to look, milliseconds. */
  intervalMs: number;
  /** How long an order must have been quiet before it is judged, milliseconds: what is in flight is no violation. */
  graceMs: number;
  /** How long something may be missing in the ledger because an older transaction still runs, milliseconds: longer than ours may. */
  patienceMs: number;
}

const PAGE = 1_000;
/** Pages of each side in one round, so that catching up with a long history leaves the database to the orders. */
const PAGES_PER_ROUND = 10;
const LOOK_UPS_PER_ROUND = 50;
/** Orders in doubt above which nothing is read until they have been looked up (I13). */
const MAX_DOUBTFUL = 5_000;
/** Behind by more than this, the verdict is unknown. */
const MAX_LAG_MS = 15_000;
/** In intervals: how often orders that are listed as wrong are looked up again. */
const RECHECK_EVERY = 20;

const beginning = () => ({ event: '0.0', eventMs: 0, entry: undefined as string | undefined, entryMs: 0 });

export type Auditor = ReturnType<typeof createAuditor>;

/**
 * Continuous integrity: follows the order events and the warehouse's ledger, and holds each order against what was taken for it
 * (I4, I5, I6, I9) and each item's stock against the ledger's sum (I1, I2). What looks wrong is looked up on both sides before
 * it is reported. Every replica audits on its own; it only reads.
 */
export function createAuditor(options: AuditorOptions) {
  const { store, ledger, metrics, logger } = options;
  const stopped = new AbortController();
  let orders = new OrderReconciler();
  let stock = new StockReconciler(options.patienceMs);
  const book = new ViolationBook(metrics, logger);
  /** Orders to look up, and since when. */
  const doubtful = new Map<string, number>();
  let at = beginning();
  let shown: Awaited<ReturnType<LedgerClient['stock']>> | undefined;
  const createdMs = Date.now();
  let checkedAt: Date | undefined;
  let caughtUp = false;
  /** True once the whole history was read with no doubt left: before that nothing can be said to be ok. */
  let passed = false;
  let trouble: string | undefined = 'the audit has not started';
  let recheckAt = 0;
  let running: Promise<void> | undefined;

  /** Reads both sides on, the one that is behind in time first. @returns true when both are at their ends */
  async function readOn(): Promise<boolean> {
    let [eventsEnd, entriesEnd] = [false, false];
    for (let page = 0; page < PAGES_PER_ROUND && !(eventsEnd && entriesEnd); page++) {
      stopped.signal.throwIfAborted();
      const eventsTurn = !eventsEnd && (entriesEnd || at.eventMs <= at.entryMs);
      if (eventsTurn) eventsEnd = await readEvents();
      else entriesEnd = await readLedger();
    }
    return eventsEnd && entriesEnd;
  }

  // A side that was read to its end has nothing older to come: its last entry, long ago, must not hold the horizon back.
  async function readEvents(): Promise<boolean> {
    const askedMs = Date.now();
    const events = await store.eventsAfter(at.event, PAGE);
    for (const event of events) {
      orders.event(event.type, event.order_id, event.at, event.lines ?? undefined);
      at.eventMs = Math.max(at.eventMs, event.at);
    }
    at.event = events.at(-1)?.position ?? at.event;
    if (events.length === PAGE) return false;
    at.eventMs = Math.max(at.eventMs, askedMs);
    return true;
  }

  async function readLedger(): Promise<boolean> {
    const askedMs = Date.now();
    const entries = await ledger.after(at.entry, PAGE);
    for (const entry of entries) post(entry);
    at.entry = entries.at(-1)?.position ?? at.entry;
    if (entries.length === PAGE) return false;
    at.entryMs = Math.max(at.entryMs, askedMs);
    return true;
  }

  function post(entry: LedgerEntry): void {
    const time = Date.parse(entry.created_at);
    at.entryMs = Math.max(at.entryMs, time);
    const { transaction_type, item_id, quantity_change, order_id } = entry;
    stock.entry(transaction_type, item_id, quantity_change);
    if (order_id === null || (transaction_type !== 'deduct' && transaction_type !== 'release')) return;
    orders.movement(transaction_type, order_id, time, lineOf(entry));
  }

  async function round(): Promise<void> {
    const complete = doubtful.size < MAX_DOUBTFUL && (await readOn());
    // Behind, only what both sides have passed can be judged.
    const horizon = complete ? Date.now() : Math.min(at.eventMs, at.entryMs);
    for (const id of orders.judge(horizon - options.graceMs)) if (!doubtful.has(id)) doubtful.set(id, Date.now());
    // Reported before anything else is asked: what was found is not looked for again.
    book.report(await lookUp());
    if (complete) await judgeStock();
    if (complete && book.size > 0 && Date.now() > recheckAt) await recheck();
    caughtUp = complete;
    passed ||= complete && doubtful.size === 0;
    if (passed) book.wasRead();
    checkedAt = new Date();
    trouble = undefined;
    if (book.isIncomplete && book.size === 0) startOver();
  }

  /** Reads the whole history again: what was wrong beyond what the book holds can be found there only. */
  function startOver(): void {
    orders = new OrderReconciler();
    stock = new StockReconciler(options.patienceMs);
    book.readAgain();
    at = beginning();
    shown = undefined;
    caughtUp = false;
    passed = false;
  }

  /** Settles doubts on both sides; what may only be late stays in doubt for a while. */
  async function lookUp(): Promise<Finding[]> {
    const confirmed: Finding[] = [];
    for (const { id, findings } of await lookUpOrders(
      [...doubtful.keys()].slice(0, LOOK_UPS_PER_ROUND),
      store,
      ledger,
      stopped.signal,
    )) {
      const since = doubtful.get(id) ?? 0;
      doubtful.delete(id);
      if (findings.some(({ maybeLate }) => maybeLate) && Date.now() - since < options.patienceMs) {
        doubtful.set(id, since);
        continue;
      }
      orders.forget(id);
      if (findings.length === 0) orders.checked++;
      confirmed.push(...findings);
    }
    return confirmed;
  }

  /** Judges the stock of the last look, as the ledger has been read past it since, and looks again. */
  async function judgeStock(): Promise<void> {
    if (shown) book.report(stock.judge(shown, Date.now()));
    for (const item of book.items()) if (!stock.isDoubtful(item)) book.clear(item);
    stock.mark();
    // The last look was at the window before this one: when the next one fails, there is none.
    shown = undefined;
    shown = await ledger.stock();
  }

  /** What an operator has put right is no violation any more. */
  async function recheck(): Promise<void> {
    recheckAt = Date.now() + RECHECK_EVERY * options.intervalMs;
    const looked = await lookUpOrders(book.orders(), store, ledger, stopped.signal);
    for (const { id, findings } of looked) if (findings.length === 0) book.clear(id);
  }

  async function loop(): Promise<void> {
    let blind = false;
    while (!stopped.signal.aborted) {
      try {
        await round();
        if (blind) logger.info('the audit goes on');
        blind = false;
      } catch (error) {
        if (stopped.signal.aborted) return;
        if (!blind) logger.warn({ err: error }, 'the audit cannot go on: integrity is unknown until it does');
        blind = true;
        trouble = `the two sides could not be compared: ${(error as Error).message || String(error)}`;
      }
      const behind = !caughtUp && trouble === undefined;
      await pause(behind ? 50 : options.intervalMs, stopped.signal);
    }
  }

  return {
    start(): void {
      running ??= loop();
    },

    /** What is known now; it never waits. */
    state(): Integrity {
      const { since } = orders.waiting;
      const lagMs = lagOf(since);
      const upToDate = caughtUp && passed && !book.isIncomplete && lagMs < MAX_LAG_MS;
      const detail = trouble ?? (upToDate ? null : 'the audit is catching up with the history');
      const verdict = book.size > 0 ? 'violated' : detail === null ? 'ok' : 'unknown';
      return {
        verdict,
        checked_at: checkedAt?.toISOString() ?? null,
        orders_checked: orders.checked,
        lag_seconds: checkedAt ? Math.round(lagMs / 100) / 10 : null,
        violations: book.list(),
        detail,
      };
    },

    /** How far the audit is behind; before its first comparison, since it was created. */
    lagSeconds: (): number => lagOf(orders.waiting.since) / 1000,

    /** Does not wait for the pages and orders that the round would still ask for: a slow warehouse would take the whole grace. */
    async stop(): Promise<void> {
      stopped.abort();
      await running;
    },
  };

  function lagOf(since: number | undefined): number {
    const silence = Date.now() - (checkedAt?.getTime() ?? createdMs);
    let oldest = since ?? Date.now();
    for (const doubtedSince of doubtful.values()) oldest = Math.min(oldest, doubtedSince);
    const waiting = Date.now() - oldest;
    const readTo = Math.min(at.eventMs, at.entryMs);
    // Zero: the first page of the history is still to come.
    const behind = caughtUp || readTo === 0 ? 0 : Date.now() - readTo;
    return Math.max(0, silence, waiting, checkedAt ? behind : 0);
  }
}

import { ORDER_STATUSES, type OrderStatus, statusToldBy } from '@valerix/contracts';
import { type HistoryLine, NO_ORDER, type PageAsked, timeIn } from '../workload/history.ts';
import { keyOf } from '../workload/schedule.ts';
import type { StreamedOrder } from './database-stream.ts';
import { mayHaveBecome } from './judge-order.ts';
import { type Rule, type Violation, ViolationList, violation } from './violation.ts';

// The cells of an operation. The first seven hold, for each status, when it was first known: from an answer or a finished read.
const [ASKED, CANCELLING, WAITING, FLAGS] = [7, 8, 9, 10];
const WIDTH = 11;
/** The bits of FLAGS for each status: it was first known from a read; a read showed it. */
const fromRead = (status: number) => 1 << status;
const shown = (status: number) => 1 << (status + 8);

/** The status that a refusal tells; a payment that is declined is still being undone. */
const refusedWith = (status = 0): OrderStatus | undefined =>
  status === 422 ? 'failed' : status === 402 ? 'compensating' : undefined;

/** A page is compared with at least this many of the most recently answered orders. */
const LATEST = 2_000;

/** Times of the clients' requests and knowledge about an order, milliseconds; Infinity: never. */
export interface KnownTimes {
  /** When its client asked for it, and for its cancellation. */
  asked: number;
  cancelAsked: number;
  /** When a client first knew that the order had been in the status. */
  queued: number;
  confirmed: number;
  failed: number;
  cancelled: number;
  /** When the last read was sent that showed it queued; 0: none did. */
  stillQueued: number;
}

/**
 * Judges reads of orders (R1 to R3) while the history streams past, each order as a register. The statuses of one order form a
 * chain, so reads are linearizable exactly if no read shows less than what was known when it was sent: from an answer, or from a
 * read that had ended. An unknown outcome is no knowledge, and so concurrent for ever. One step per read or order of a page, and one
 * per recent order for a page; 52 bytes per operation.
 */
export class ReadIndex {
  readonly violations = new ViolationList();
  /** Reads that were answered, by kind, and those that were not. */
  readonly counts = { order: 0, page: 0, stock: 0, queue: 0, unanswered: 0 };
  /** The reads of stock and of the queue. */
  readonly counted: HistoryLine[] = [];
  /** The time of the last line, milliseconds. */
  endMs = 0;
  readonly #prefix: string;
  #cells = new Uint32Array(1024 * WIDTH);
  /** The time in each order's id, milliseconds; 0 before its client had an answer. Pages are in the order of ids. */
  #made = new Float64Array(1024);
  #latest: number[] = [];
  /** By operation, the last read that did not find its order. */
  readonly #missing = new Map<number, Violation>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  add(line: HistoryLine): void {
    const { f, type, op, t, state, status, order_id } = line;
    this.endMs = Math.max(this.endMs, t);
    if (op !== NO_ORDER) this.#grow(op);
    if (f === 'read') this.#addRead(line);
    if (f === 'place' && type === 'invoke') this.#set(op, ASKED, t);
    if (f === 'cancel' && type === 'invoke') this.#set(op, CANCELLING, t);
    if (f === 'place' && type === 'ok') {
      this.#learn(op, refusedWith(status) ?? (state as OrderStatus), t);
      this.#made[op] = timeIn(order_id ?? '') || 0;
      this.#latest.push(op);
      if (this.#latest.length > 2 * LATEST) this.#latest = this.#latest.slice(-LATEST);
    }
    if (f === 'cancel' && type === 'ok' && state) this.#learn(op, state as OrderStatus, t);
  }

  /** Compares what reads showed of an order with its timeline (R2). */
  compare(op: number, { events }: Pick<StreamedOrder, 'events'>): void {
    const had = new Set(events.map(statusToldBy));
    for (const [number, status] of ORDER_STATUSES.entries()) {
      if ((this.#cell(op, FLAGS) & shown(number)) === 0 || had.has(status)) continue;
      this.#found('R2', 'unexpected', op, `a read showed it ${status}, which its timeline does not have`);
    }
  }

  /** Adds the orders that reads did not find. @param goneBefore orders with a smaller id were dropped for their age */
  finish(goneBefore = ''): void {
    const goneBeforeMs = timeIn(goneBefore);
    for (const [op, found] of this.#missing) {
      if (!((this.#made[op] as number) < goneBeforeMs)) this.violations.add(found);
    }
  }

  /** What the clients knew of an order; of one that they did not place, nothing. */
  timesOf(op: number | undefined): KnownTimes {
    const at = (cell: number) => (op === undefined ? 0 : this.#cell(op, cell) / 10) || Number.POSITIVE_INFINITY;
    const of = (status: OrderStatus) => at(ORDER_STATUSES.indexOf(status));
    return {
      asked: op === undefined ? 0 : at(ASKED),
      cancelAsked: op === undefined ? 0 : at(CANCELLING),
      queued: of('queued'),
      confirmed: of('confirmed'),
      failed: of('failed'),
      cancelled: of('cancelled'),
      stillQueued: op === undefined ? 0 : this.#cell(op, WAITING) / 10,
    };
  }

  #addRead(line: HistoryLine): void {
    const { type, what, op, sent = 0, t, state } = line;
    if (type !== 'ok' || !what) return void this.counts.unanswered++;
    this.counts[what]++;
    if (what === 'order') this.#see(op, state as OrderStatus | undefined, sent, t);
    else if (what === 'page') this.#seePage(line);
    else this.counted.push(line);
  }

  /** A read between two times showed an order, or that there is none. */
  #see(op: number, status: OrderStatus | undefined, sent: number, t: number): void {
    for (const [number, known] of ORDER_STATUSES.entries()) {
      const since = this.#cell(op, number);
      if (since === 0 || since >= tick(sent) || (status && mayHaveBecome(known, status))) continue;
      const read = (this.#cell(op, FLAGS) & fromRead(number)) !== 0;
      const before = `${read ? 'a read had shown it' : 'its client was told'} ${known} at ${seconds(since / 10)}`;
      const detail = `a read sent at ${seconds(sent)} showed it ${status ?? 'missing'}; ${before}`;
      const found = violation(read ? 'R2' : 'R1', 'stale', keyOf(this.#prefix, op), detail);
      if (status) this.violations.add(found);
      else this.#missing.set(op, found);
      return;
    }
    if (!status) return;
    if (mayHaveBecome('cancelling', status) && this.#cell(op, CANCELLING) === 0) {
      this.#found(
        'R2',
        'unexpected',
        op,
        `a read that ended at ${seconds(t)} showed it ${status}; no cancellation was asked for`,
      );
    }
    const number = this.#learn(op, status, t, true);
    this.#flag(op, shown(number));
    if (status === 'queued') this.#set(op, WAITING, Math.max(sent, this.#cell(op, WAITING) / 10));
  }

  #seePage({ sent = 0, t, page = {}, orders = [] }: HistoryLine): void {
    const on = new Set(orders.map(([op]) => op));
    const [oldest, newest] = [
      page.last ? timeIn(page.last) : 0,
      page.before ? timeIn(page.before) : Number.POSITIVE_INFINITY,
    ];
    for (const op of this.#latest) {
      // Orders of one millisecond as the page's ends may stand on either side of them.
      const made = this.#made[op] as number;
      if (on.has(op) || made <= oldest || made >= newest || !this.#belongs(op, page, tick(sent))) continue;
      const asked = page.status
        ? `the orders that are ${page.status}`
        : page.of === undefined
          ? 'all orders'
          : 'its key';
      this.#found('R3', 'lost', op, `a page of ${asked}, asked for at ${seconds(sent)}, does not have it`);
    }
    for (const [at, [op, status]] of orders.entries()) {
      this.#grow(op);
      if (orders.findIndex(([other]) => other === op) < at) this.#found('R3', 'duplicated', op, 'a page has it twice');
      if (status !== (page.status ?? status) || op !== (page.of ?? op)) {
        this.#found('R3', 'unexpected', op, `it is ${status}, and on a page of others (${JSON.stringify(page)})`);
      }
      this.#see(op, status, sent, t);
    }
  }

  /** True when an order certainly met the conditions of a page ever since the page was asked for. */
  #belongs(op: number, { status, of }: PageAsked, sent: number): boolean {
    const known = (one: OrderStatus) => {
      const since = this.#cell(op, ORDER_STATUSES.indexOf(one));
      return since > 0 && since < sent;
    };
    if (of !== undefined && of !== op) return false;
    if (!status) return ORDER_STATUSES.some(known);
    if (status === 'confirmed') return known(status) && this.#cell(op, CANCELLING) === 0;
    // From the others an order may move on by itself.
    return (status === 'failed' || status === 'cancelled') && known(status);
  }

  /** @returns the number of the status */
  #learn(op: number, status: OrderStatus, t: number, read = false): number {
    const number = ORDER_STATUSES.indexOf(status);
    if (number >= 0 && this.#cell(op, number) === 0) {
      this.#set(op, number, t);
      if (read) this.#flag(op, fromRead(number));
    }
    return number;
  }

  #found(rule: Rule, kind: Parameters<typeof violation>[1], op: number, detail: string): void {
    this.violations.add(violation(rule, kind, keyOf(this.#prefix, op), detail));
  }

  #cell = (op: number, cell: number): number => this.#cells[op * WIDTH + cell] ?? 0;

  #set(op: number, cell: number, ms: number): void {
    this.#cells[op * WIDTH + cell] = tick(ms);
  }

  #flag(op: number, bit: number): void {
    this.#cells[op * WIDTH + FLAGS] = this.#cell(op, FLAGS) | bit;
  }

  #grow(op: number): void {
    const { length } = this.#made;
    if (op < length) return;
    const size = Math.max(op + 1, length * 2);
    const [cells, made] = [new Uint32Array(size * WIDTH), new Float64Array(size)];
    cells.set(this.#cells);
    made.set(this.#made);
    [this.#cells, this.#made] = [cells, made];
  }
}

/** Tenths of a millisecond, as the history has them; one at least, because 0 means never. */
const tick = (ms: number): number => Math.max(1, Math.round(ms * 10));
/** A time of the history, in words. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;

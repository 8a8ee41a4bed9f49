import { hash as oneShotHash } from 'node:crypto';
import { type HistoryLine, timeIn } from '../workload/history.ts';
import { indexOf, keyOf } from '../workload/schedule.ts';
import type { StreamedOrder } from './database-stream.ts';
import { DECLINES, mayHaveBecome } from './judge-order.ts';
import { type Violation, ViolationList, violation } from './violation.ts';

const NEVER = 0;
const INVOKED = 1;
const UNKNOWN = 2;
const FAILED = 3;
/** From here on, `placed` holds the HTTP status of the answer. */
const ANSWERED = 100;

/** The bits of `flags`. */
const IN_DATABASE = 1;
const CANCEL_ASKED = 2;
const TOLD_CANCELLED = 4;
const TOLD_CANCELLING = 8;

/**
 * What the history says about each operation, by its number; `items`, `answer` and `order` are hashes, `orderedAt` is the time in the
 * order's id.
 */
const columnsOf = (size: number) => ({
  placed: new Uint16Array(size),
  items: new Float64Array(size),
  answer: new Float64Array(size),
  order: new Float64Array(size),
  orderedAt: new Float64Array(size),
  flags: new Uint8Array(size),
});
type Columns = ReturnType<typeof columnsOf>;

/**
 * Holds what the clients were told, by operation, and compares it with the orders as they stream past. Flat arrays take about
 * 70 bytes an operation while they grow, so a million operations fit on any machine.
 */
export class HistoryIndex {
  readonly #prefix: string;
  readonly #fresh: boolean;
  readonly violations = new ViolationList();
  #operations = 0;
  #recovered = 0;
  readonly #ended = { refused: 0, declined: 0, cancelled: 0 };
  #columns = columnsOf(1024);

  constructor(prefix: string, fresh: boolean) {
    this.#prefix = prefix;
    this.#fresh = fresh;
  }

  /** Takes a line; reads are not judged here. */
  add(line: HistoryLine): void {
    const { op } = line;
    if (line.f === 'read') return;
    this.#grow(op);
    this.#operations = Math.max(this.#operations, op + 1);
    if (line.f === 'place') this.#addPlace(op, line);
    else if (line.f === 'replay' && line.type !== 'invoke') this.#addReplay(op, line);
    else if (line.f === 'reuse' && line.type === 'fail') this.#addReuse(op, line);
    else if (line.f === 'cancel') this.#addCancel(op, line);
  }

  /** Compares one order of the database with what its client was told. */
  compare(order: StreamedOrder): void {
    const op = indexOf(this.#prefix, order.key);
    if (op === undefined || op >= this.#operations || this.#get('placed', op) === NEVER) {
      if (op !== undefined || this.#fresh) {
        this.#found('I3', 'unexpected', order.id, `no client sent its key ${order.key}`);
      }
      return;
    }
    if (this.#is(op, IN_DATABASE)) {
      this.#found('I3', 'duplicated', order.key, `more than one order has this key: also ${order.id}`);
    }
    this.#set(op, IN_DATABASE);
    const meaning = meaningOf(order.lines, order.paid);
    if (hash(meaning) !== this.#get('items', op)) {
      this.#found('I7', 'drift', order.id, `it holds ${meaning}, its client ordered something else`);
    }
    this.#countEnd(order);
    const told = this.#get('placed', op);
    if (told < ANSWERED) this.#recovered++;
    else this.#compareAnswer(op, told, order);
    this.#compareEnd(op, told, order);
  }

  /**
   * Finds the acknowledged orders that never streamed past (I7). Call it after the last order.
   * @param goneBefore orders with a smaller id were dropped for their age
   * @returns also how many clients never learned the outcome: `recovered` if the order exists, `unknown` if it does not; and how orders
   * ended, which those that were answered 202 ended later
   */
  finish(goneBefore = '') {
    const goneBeforeMs = timeIn(goneBefore);
    let unknown = 0;
    for (let op = 0; op < this.#operations; op++) {
      if (this.#is(op, IN_DATABASE)) continue;
      const told = this.#get('placed', op);
      if (told >= ANSWERED && this.#get('orderedAt', op) < goneBeforeMs) continue;
      if (told >= ANSWERED) this.#found('I7', 'lost', this.#key(op), `answered ${told}, and no such order exists`);
      else if (told === UNKNOWN || told === INVOKED) unknown++;
    }
    return { operations: this.#operations, recovered: this.#recovered, unknown, ended: this.#ended };
  }

  #addPlace(op: number, line: HistoryLine): void {
    const { type, items = '', pays = false, status, md5 = '', order_id = '', error = '' } = line;
    const { placed, ...columns } = this.#columns;
    if (type === 'invoke') {
      placed[op] = INVOKED;
      columns.items[op] = hash(meaningOf(items, pays));
    } else if (type === 'ok') {
      placed[op] = status as number;
      columns.answer[op] = hash(md5);
      columns.order[op] = hash(order_id);
      columns.orderedAt[op] = timeIn(order_id);
    } else {
      placed[op] = type === 'unknown' ? UNKNOWN : FAILED;
      // The clients send valid orders under new keys: only a refusal is justified, and a refused order exists too.
      if (type === 'fail') {
        this.#found('I10', 'misjudged', this.#key(op), `a valid new order was answered ${status} ${error}`);
      }
    }
  }

  // I10: the same status and bytes.
  #addReplay(op: number, { type, status, md5 = '', error = '' }: HistoryLine): void {
    if (type === 'unknown') return;
    const told = this.#get('placed', op);
    if (status === told && hash(md5) === this.#get('answer', op)) return;
    const what = status === told ? 'other bytes' : `${status} ${error}`;
    this.#found('I10', 'replay-mismatch', this.#key(op), `first answered ${told}, then ${what}`);
  }

  #addReuse(op: number, { status, error = '' }: HistoryLine): void {
    if (status === 422 && error === 'IDEMPOTENCY_KEY_REUSED') return;
    const detail = `another order under the same key was answered ${status} ${error}`;
    this.#found('I10', 'replay-mismatch', this.#key(op), detail);
  }

  #addCancel(op: number, { type, status }: HistoryLine): void {
    if (type === 'invoke') this.#set(op, CANCEL_ASKED);
    if (type === 'ok') this.#set(op, status === 200 ? TOLD_CANCELLED : TOLD_CANCELLING);
  }

  #compareAnswer(op: number, told: number, order: StreamedOrder): void {
    if (hash(order.id) !== this.#get('order', op)) {
      this.#found('I3', 'duplicated', order.key, `its client was told a different order id than ${order.id}`);
    }
    if (told !== order.responseStatus || hash(order.responseMd5 ?? '') !== this.#get('answer', op)) {
      const stored = order.responseStatus ?? 'nothing';
      const detail = `its client was answered ${told}; stored is ${stored}, or other bytes`;
      this.#found('I10', 'replay-mismatch', order.id, detail);
    }
  }

  #compareEnd(op: number, told: number, order: StreamedOrder): void {
    const { id, status } = order;
    const gone = mayHaveBecome('cancelling', status);
    if (gone && !this.#is(op, CANCEL_ASKED)) {
      this.#found('I9', 'misjudged', id, `${status}, but its client did not cancel it`);
    }
    if (this.#is(op, TOLD_CANCELLED) && status !== 'cancelled') {
      this.#found('I6', 'drift', id, `its client was told "cancelled"; it is ${status}`);
    }
    if (this.#is(op, TOLD_CANCELLING) && !gone) {
      this.#found('I6', 'lost', id, `its cancellation was accepted; it is ${status}`);
    }
    if (told === 201 && !mayHaveBecome('confirmed', status)) {
      this.#found('I7', 'lost', id, `its client was told "confirmed"; it is ${status}`);
    }
  }

  #countEnd({ status, reason }: StreamedOrder): void {
    if (mayHaveBecome('cancelling', status)) this.#ended.cancelled++;
    if (!mayHaveBecome('compensating', status) || reason === 'PAYMENT_TIMEOUT') return;
    this.#ended.refused++;
    if (DECLINES.has(reason ?? '')) this.#ended.declined++;
  }

  #key(op: number): string {
    return keyOf(this.#prefix, op);
  }

  #get(column: keyof Columns, op: number): number {
    return this.#columns[column][op] as number;
  }

  #is(op: number, bit: number): boolean {
    return (this.#get('flags', op) & bit) !== 0;
  }

  #set(op: number, bit: number): void {
    this.#columns.flags[op] = this.#get('flags', op) | bit;
  }

  #found(invariant: Violation['invariant'], kind: Violation['class'], subject: string, detail: string): void {
    this.violations.add(violation(invariant, kind, subject, detail));
  }

  #grow(op: number): void {
    const { length } = this.#columns.placed;
    if (op < length) return;
    const grown = columnsOf(Math.max(op + 1, length * 2));
    for (const name of Object.keys(grown) as (keyof Columns)[]) grown[name].set(this.#columns[name]);
    this.#columns = grown;
  }
}

const meaningOf = (lines: string, paid: boolean): string => (paid ? `${lines}, paid` : lines);

/** 52 bits of a text's MD5: enough to tell two texts apart, in eight bytes. */
function hash(text: string): number {
  return Number.parseInt(oneShotHash('md5', text).slice(0, 13), 16);
}

import { hash as oneShotHash } from 'node:crypto';
import { isSettled, ORDER_STATUSES, type OrderStatus } from '@valerix/contracts';
import { type HistoryLine, readHistory } from '../workload/history.ts';
import { indexOf, keyOf } from '../workload/schedule.ts';
import type { StreamedOrder } from './database-stream.ts';
import { mayHaveBecome } from './judge-order.ts';
import { type Violation, ViolationList } from './violation.ts';

const NEVER = 0;
const INVOKED = 1;
const UNKNOWN = 2;
const FAILED = 3;
/** From here on, what is stored is the HTTP status of the answer. */
const ANSWERED = 100;

/** What a client may see last of an order; the first is for none. */
const SEEN: readonly (OrderStatus | '')[] = ['', ...ORDER_STATUSES.filter(isSettled)];

export interface HistoryCounts {
  operations: number;
  /** The client never learned the outcome, and the order exists: nothing was lost. */
  recovered: number;
  /** The client never learned the outcome, and there is no order: nothing was acknowledged. */
  unknown: number;
}

/**
 * What the clients were told, by operation: some 60 bytes for each, in flat arrays, so that a million fit anywhere. It is held
 * against the orders as they stream past.
 */
export class HistoryIndex {
  readonly #prefix: string;
  readonly #fresh: boolean;
  readonly violations = new ViolationList();
  #operations = 0;
  #placed = new Uint16Array(1024);
  #items = new Float64Array(1024);
  #answer = new Float64Array(1024);
  #order = new Float64Array(1024);
  /** Bits: 1 seen in the database, 2 cancellation asked, 4 told "cancelled", 8 told "will be cancelled". */
  #flags = new Uint8Array(1024);
  #followed = new Uint8Array(1024);
  #recovered = 0;

  constructor(prefix: string, fresh: boolean) {
    this.#prefix = prefix;
    this.#fresh = fresh;
  }

  static async read(file: string, prefix: string, fresh: boolean): Promise<HistoryIndex> {
    const index = new HistoryIndex(prefix, fresh);
    for await (const line of readHistory(file)) index.add(line);
    return index;
  }

  add(line: HistoryLine): void {
    const { op } = line;
    this.#grow(op);
    this.#operations = Math.max(this.#operations, op + 1);
    if (line.f === 'place') this.#addPlace(op, line);
    else if (line.f === 'replay' && line.type !== 'invoke') this.#addReplay(op, line);
    else if (line.f === 'reuse' && line.type === 'fail') this.#addReuse(op, line);
    else if (line.f === 'cancel') this.#addCancel(op, line);
    else if (line.f === 'follow') this.#addFollow(op, line);
  }

  /** Holds one order of the database against what its client knows. */
  compare(order: StreamedOrder): void {
    const op = indexOf(this.#prefix, order.key);
    if (op === undefined || op >= this.#operations || this.#placed[op] === NEVER) {
      if (op !== undefined || this.#fresh)
        this.#found('I3', 'unexpected', order.id, `nobody sent its key ${order.key}`);
      return;
    }
    if (this.#is(op, 1))
      this.#found('I3', 'duplicated', order.key, `more than one order has this key: also ${order.id}`);
    this.#flags[op] = (this.#flags[op] as number) | 1;
    if (hash(order.lines) !== this.#items[op]) {
      this.#found('I7', 'drift', order.id, `it holds ${order.lines}, its client ordered something else`);
    }
    const told = this.#placed[op] as number;
    if (told < ANSWERED) this.#recovered++;
    else this.#compareAnswer(op, told, order);
    this.#compareEnd(op, told, order);
  }

  /** What was acknowledged and did not come past (I7); to be called after the last order. */
  finish(): HistoryCounts {
    let unknown = 0;
    for (let op = 0; op < this.#operations; op++) {
      if (this.#is(op, 1)) continue;
      const told = this.#placed[op] as number;
      if (told >= ANSWERED)
        this.#found('I7', 'lost', keyOf(this.#prefix, op), `answered ${told}, and no such order exists`);
      else if (told === UNKNOWN || told === INVOKED) unknown++;
    }
    return { operations: this.#operations, recovered: this.#recovered, unknown };
  }

  #addPlace(op: number, line: HistoryLine): void {
    if (line.type === 'invoke') {
      this.#placed[op] = INVOKED;
      this.#items[op] = hash(line.items ?? '');
    } else if (line.type === 'ok') {
      this.#placed[op] = line.status as number;
      this.#answer[op] = hash(line.md5 ?? '');
      this.#order[op] = hash(line.order_id ?? '');
    } else {
      this.#placed[op] = line.type === 'unknown' ? UNKNOWN : FAILED;
      if (line.type === 'fail') this.#judgeFailure(op, line);
    }
  }

  #judgeFailure(op: number, { status, error }: HistoryLine): void {
    // These clients send valid orders under new keys; the only honest no is a refusal, and that is an order.
    this.#found('I10', 'misjudged', keyOf(this.#prefix, op), `a valid new order was answered ${status} ${error ?? ''}`);
  }

  // I10: the same status and bytes.
  #addReplay(op: number, line: HistoryLine): void {
    if (line.type === 'unknown') return;
    const told = this.#placed[op] as number;
    if (line.status === told && hash(line.md5 ?? '') === this.#answer[op]) return;
    const what = line.status === told ? 'other bytes' : `${line.status} ${line.error ?? ''}`;
    this.#found('I10', 'replay-mismatch', keyOf(this.#prefix, op), `first answered ${told}, then ${what}`);
  }

  #addReuse(op: number, { status, error }: HistoryLine): void {
    if (status === 422 && error === 'IDEMPOTENCY_KEY_REUSED') return;
    const detail = `another order under the same key was answered ${status} ${error ?? ''}`;
    this.#found('I10', 'replay-mismatch', keyOf(this.#prefix, op), detail);
  }

  #addCancel(op: number, line: HistoryLine): void {
    const bit = line.type === 'invoke' ? 2 : line.type === 'ok' ? (line.status === 200 ? 4 : 8) : 0;
    this.#flags[op] = (this.#flags[op] as number) | bit;
  }

  #addFollow(op: number, line: HistoryLine): void {
    if (line.type === 'ok') this.#followed[op] = Math.max(0, SEEN.indexOf((line.state ?? '') as OrderStatus));
    if (line.type === 'fail') {
      this.#found('I7', 'lost', line.order_id ?? keyOf(this.#prefix, op), 'accepted with 202, then answered 404');
    }
  }

  #compareAnswer(op: number, told: number, order: StreamedOrder): void {
    if (hash(order.id) !== this.#order[op]) {
      this.#found('I3', 'duplicated', order.key, `its client was told another order id than ${order.id}`);
    }
    if (told !== order.responseStatus || hash(order.responseMd5 ?? '') !== this.#answer[op]) {
      const detail = `its client was answered ${told}; kept is ${order.responseStatus ?? 'nothing'}, or other bytes`;
      this.#found('I10', 'replay-mismatch', order.id, detail);
    }
  }

  #compareEnd(op: number, told: number, order: StreamedOrder): void {
    const asked = this.#is(op, 2);
    const gone = mayHaveBecome('cancelling', order.status);
    if (gone && !asked) this.#found('I9', 'misjudged', order.id, `${order.status}, and nobody asked for it`);
    if (this.#is(op, 4) && order.status !== 'cancelled') {
      this.#found('I6', 'drift', order.id, `its client was told "cancelled"; it is ${order.status}`);
    }
    if (this.#is(op, 8) && !gone)
      this.#found('I6', 'lost', order.id, `its cancellation was accepted; it is ${order.status}`);
    const seen = SEEN[this.#followed[op] as number];
    if (seen && !mayHaveBecome(seen, order.status)) {
      this.#found('I9', 'drift', order.id, `its client saw it ${seen}; it is ${order.status}`);
    }
    if (told === 201 && !mayHaveBecome('confirmed', order.status)) {
      this.#found('I7', 'lost', order.id, `its client was told "confirmed"; it is ${order.status}`);
    }
  }

  #is(op: number, bit: number): boolean {
    return ((this.#flags[op] as number) & bit) !== 0;
  }

  #found(invariant: Violation['invariant'], kind: Violation['class'], subject: string, detail: string): void {
    this.violations.add({ invariant, class: kind, subject, detail });
  }

  #grow(op: number): void {
    if (op < this.#placed.length) return;
    const size = Math.max(op + 1, this.#placed.length * 2);
    const grown = <T extends Uint8Array | Uint16Array | Float64Array>(old: T, fresh: T): T => {
      fresh.set(old as never);
      return fresh;
    };
    this.#placed = grown(this.#placed, new Uint16Array(size));
    this.#items = grown(this.#items, new Float64Array(size));
    this.#answer = grown(this.#answer, new Float64Array(size));
    this.#order = grown(this.#order, new Float64Array(size));
    this.#flags = grown(this.#flags, new Uint8Array(size));
    this.#followed = grown(this.#followed, new Uint8Array(size));
  }
}

/** 52 bits of a text's MD5: enough to tell two texts apart, in eight bytes. */
function hash(text: string): number {
  return Number.parseInt(oneShotHash('md5', text).slice(0, 13), 16);
}

import { ORDER_STATUSES, type OrderStatus } from '@valerix/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayHaveBecome } from '../src/checker/judge-order.ts';
import { ReadIndex } from '../src/checker/read-index.ts';
import type { HistoryLine } from '../src/workload/history.ts';

const id = (op: number) =>
  `${(1_000 + op)
    .toString(16)
    .padStart(12, '0')
    .replace(/(.{8})/, '$1-')}-7000-8000-000000000000`;
const invoked = (op = 0, t = 0): HistoryLine => ({ t, op, f: 'place', type: 'invoke' });
const answered = (t: number, state: OrderStatus, op = 0): HistoryLine => ({
  ...{ t, op, f: 'place', type: 'ok', order_id: id(op) },
  ...(state === 'failed' ? { status: 422 } : { status: state === 'queued' ? 202 : 201, state }),
});
const read = (sent: number, t: number, state?: OrderStatus, op = 0): HistoryLine => ({
  ...{ t, op, f: 'read', type: 'ok', what: 'order', sent, status: state ? 200 : 404 },
  ...(state && { state }),
});
const cancelling: HistoryLine = { t: 20, op: 0, f: 'cancel', type: 'invoke' };
const cancelled: HistoryLine = { t: 30, op: 0, f: 'cancel', type: 'ok', status: 200, state: 'cancelled' };

function judge(lines: readonly HistoryLine[], goneBefore?: string) {
  const index = new ReadIndex('run');
  for (const line of lines) index.add(line);
  index.finish(goneBefore);
  return index;
}
const found = (...lines: HistoryLine[]) => judge(lines).violations.kept.map((one) => `${one.invariant} ${one.class}`);

describe('reads of one order', () => {
  const start = [invoked(), answered(10, 'queued')];

  it('may show what was answered, and everything after it', () => {
    expect(found(...start, read(11, 12, 'queued'), read(11, 13, 'confirmed'), read(14, 15, 'confirmed'))).toEqual([]);
    expect(found(invoked(), answered(10, 'confirmed'), cancelling, cancelled, read(31, 32, 'cancelled'))).toEqual([]);
  });

  it('may show either state while the answer is under way', () => {
    expect(found(invoked(), read(5, 11, 'pending'), answered(10, 'confirmed'))).toEqual([]);
    expect(found(invoked(), answered(10, 'confirmed'), cancelling, cancelled, read(29, 33, 'confirmed'))).toEqual([]);
    expect(found(...start, read(11, 20, 'confirmed'), read(19, 21, 'queued'))).toEqual([]);
  });

  it('may not show less than was answered (R1)', () => {
    expect(found(...start, read(11, 12, 'pending'))).toEqual(['R1 stale']);
    expect(found(...start, read(11, 12))).toEqual(['R1 stale']);
    expect(found(invoked(), answered(10, 'confirmed'), cancelling, cancelled, read(31, 33, 'confirmed'))).toEqual([
      'R1 stale',
    ]);
    expect(found(invoked(), answered(10, 'failed'), read(11, 12, 'confirmed'))).toEqual(['R1 stale']);
  });

  it('may miss an order that was dropped for its age', () => {
    const lines = [invoked(), answered(10, 'confirmed'), read(11, 12)];
    expect(judge(lines, id(1)).violations.kept).toEqual([]);
    expect(judge(lines, id(0)).violations.kept).toHaveLength(1);
  });

  it('may not go back from what another reader saw (R2)', () => {
    expect(found(...start, read(11, 12, 'confirmed'), read(13, 14, 'queued'))).toEqual(['R2 stale']);
    expect(found(...start, read(11, 12, 'confirmed'), read(13, 14, 'failed'))).toEqual(['R2 stale']);
  });

  it('may not show a cancellation before it is asked for, nor what the order never was (R2)', () => {
    expect(found(...start, read(11, 12, 'cancelling'), { ...cancelling, t: 13 })).toEqual(['R2 unexpected']);
    const index = judge([...start, read(11, 12, 'confirmed')]);
    index.compare(0, { events: ['order.created', 'order.queued', 'order.failed'] });
    expect(index.violations.kept.map(({ invariant }) => invariant)).toEqual(['R2']);
  });

  it('say nothing when they were not answered', () => {
    const lost: HistoryLine = { ...read(11, 12, 'pending'), type: 'unknown', status: 0 };
    expect(found(...start, lost, { ...lost, type: 'fail', status: 429 })).toEqual([]);
    expect(judge([...start, lost]).counts).toMatchObject({ order: 0, unanswered: 1 });
  });

  const chains: OrderStatus[][] = [
    ['pending', 'confirmed', 'cancelling', 'cancelled'],
    ['pending', 'queued', 'confirmed', 'cancelling', 'cancelled'],
    ['pending', 'queued', 'cancelling', 'cancelled'],
    ['pending', 'queued', 'failed'],
  ];
  const history = fc
    .constantFrom(...chains)
    .chain((chain) =>
      fc.array(fc.tuple(fc.nat(12), fc.nat(4), fc.constantFrom(...chain)), { minLength: 1, maxLength: 5 }),
    );

  it('are accepted exactly when some order of them is linearizable, as trying every order finds', () => {
    fc.assert(
      fc.property(history, (reads) => {
        const known = reads.map(([sent, takes, state]) => ({ sent: 100 + sent, t: 100 + sent + takes, state }));
        const lines = known.toSorted((a, b) => a.t - b.t).map(({ sent, t, state }) => read(sent, t, state));
        const accepted = found(invoked(), cancelling, ...lines).length === 0;
        expect(accepted).toBe(permutations(known).some(isSequential));
      }),
      { numRuns: 2_000 },
    );
  });
});

interface Seen {
  sent: number;
  t: number;
  state: OrderStatus;
}

/** True when the reads, one after another as given, show a register that only goes on, and none moves past one that had ended. */
const isSequential = (reads: Seen[]): boolean =>
  reads.every((one, at) =>
    reads.slice(0, at).every((before) => mayHaveBecome(before.state, one.state) && !(one.t < before.sent)),
  );

function permutations<T>(list: T[]): T[][] {
  if (list.length < 2) return [list];
  return list.flatMap((one, at) => permutations(list.toSpliced(at, 1)).map((rest) => [one, ...rest]));
}

describe('a page', () => {
  const orders = [0, 1, 2].flatMap((op) => [invoked(op, op), answered(10 + op, 'confirmed', op)]);
  const page = (shown: number[], page: HistoryLine['page'] = {}, more: Partial<HistoryLine> = {}): HistoryLine => ({
    ...{ t: 30, op: -1, f: 'read', type: 'ok', what: 'page', sent: 25, status: 200, page },
    orders: shown.map((op) => [op, 'confirmed']),
    ...more,
  });

  it('has every order that was answered before it was asked for', () => {
    expect(found(...orders, page([2, 1, 0]))).toEqual([]);
    expect(found(...orders, page([2, 0]))).toEqual(['R3 lost']);
    expect(found(...orders, page([2, 1, 0], { status: 'confirmed' }))).toEqual([]);
    expect(found(...orders, page([2, 1], { status: 'confirmed' }))).toEqual(['R3 lost']);
    expect(found(...orders, page([], { of: 1 }))).toEqual(['R3 lost']);
  });

  it('need not have what was answered while it was under way, or belongs to another page', () => {
    expect(found(...orders, page([1, 0], {}, { sent: 12 }))).toEqual([]);
    expect(found(...orders, page([2], { last: id(2) }))).toEqual([]);
    expect(found(...orders, page([0], { before: id(1) }))).toEqual([]);
    expect(found(...orders, page([1], { before: id(2), last: id(0) }))).toEqual([]);
    expect(found(...orders, page([1], { of: 1 }))).toEqual([]);
  });

  it('need not have an order that may have moved on from its status', () => {
    expect(found(...orders, { ...cancelling, op: 1 }, page([2, 0], { status: 'confirmed' }))).toEqual([]);
    expect(found(...orders, page([], { status: 'queued' }))).toEqual([]);
    expect(found(invoked(), answered(10, 'queued'), page([], { status: 'queued' }))).toEqual([]);
  });

  it('has no order twice, none of another status, and none as it was before', () => {
    expect(found(...orders, page([2, 1, 1, 0]))).toEqual(['R3 duplicated']);
    expect(found(...orders, page([1], { status: 'queued', last: id(0) }))).toEqual(['R3 unexpected']);
    expect(found(...orders, page([], { last: id(1) }, { orders: [[2, 'pending']] }))).toEqual(['R1 stale']);
  });
});

it('holds a million operations', () => {
  const index = judge([invoked(999_999), read(1, 2, 'confirmed', 999_999)]);
  expect(index.timesOf(999_999)).toMatchObject({
    ...{ confirmed: 2, cancelled: Number.POSITIVE_INFINITY, stillQueued: 0 },
  });
  expect(ORDER_STATUSES).toHaveLength(7);
});

import { describe, expect, it } from 'vitest';
import type { StreamedOrder } from '../src/checker/database-stream.ts';
import { HistoryIndex } from '../src/checker/history-index.ts';
import type { HistoryLine } from '../src/workload/history.ts';
import { uuid } from './world.ts';

const base: StreamedOrder = {
  id: uuid(1),
  key: 'run-0',
  status: 'confirmed',
  reason: null,
  lines: 'ps5:1',
  responseStatus: 201,
  deadLettered: false,
  paid: false,
  total: null,
  events: ['order.created', 'order.confirmed'],
  responseMd5: 'abc',
};
const invoked: HistoryLine = { t: 0, op: 0, f: 'place', type: 'invoke', key: 'run-0', items: 'ps5:1' };
const confirmed: HistoryLine = { t: 1, op: 0, f: 'place', type: 'ok', status: 201, order_id: uuid(1), md5: 'abc' };

/** What is found when the clients wrote these lines and the database has these orders. */
function judge(lines: Partial<HistoryLine>[], orders: Partial<StreamedOrder>[], fresh = true) {
  const index = new HistoryIndex('run', fresh);
  for (const line of lines) index.add({ ...invoked, type: 'ok', ...line } as HistoryLine);
  for (const order of orders) index.compare({ ...base, ...order });
  const counts = index.finish();
  return { counts, found: index.violations.kept.map(({ invariant, class: kind }) => `${invariant} ${kind}`) };
}

describe('the history against the orders', () => {
  it('should find nothing when every client was told the truth', () => {
    const replay = { f: 'replay' as const, status: 201, md5: 'abc' };
    const reuse = { f: 'reuse' as const, type: 'fail' as const, status: 422, error: 'IDEMPOTENCY_KEY_REUSED' };
    expect(judge([invoked, confirmed, replay, reuse], [{}])).toEqual({
      found: [],
      counts: { operations: 1, recovered: 0, unknown: 0 },
    });
  });

  it('should name an acknowledged order that is gone (I7)', () => {
    expect(judge([invoked, confirmed], []).found).toEqual(['I7 lost']);
    expect(judge([invoked, { ...confirmed, status: 202 }], []).found).toEqual(['I7 lost']);
  });

  it('should count, and not blame, what no client was told', () => {
    const unknown: HistoryLine = { ...invoked, type: 'unknown' };
    expect(judge([invoked, unknown], []).counts).toEqual({ operations: 1, recovered: 0, unknown: 1 });
    expect(judge([invoked, unknown], [{}])).toMatchObject({ found: [], counts: { recovered: 1, unknown: 0 } });
    expect(judge([invoked], [{}]).found).toEqual([]);
  });

  it('should name an order nobody sent, unless the system is shared (I3)', () => {
    expect(judge([invoked, confirmed], [{}, { id: uuid(2), key: 'run-7' }]).found).toEqual(['I3 unexpected']);
    expect(judge([invoked, confirmed], [{}, { id: uuid(2), key: 'other' }]).found).toEqual(['I3 unexpected']);
    expect(judge([invoked, confirmed], [{}, { id: uuid(2), key: 'other' }], false).found).toEqual([]);
  });

  it('should name a key with two orders, and another order id than was told (I3)', () => {
    expect(judge([invoked, confirmed], [{}, {}]).found).toContain('I3 duplicated');
    expect(judge([invoked, confirmed], [{ id: uuid(5) }]).found).toEqual(['I3 duplicated']);
  });

  it('should name an order that holds something else (I7)', () => {
    expect(judge([invoked, confirmed], [{ lines: 'ps5:2' }]).found).toEqual(['I7 drift']);
  });

  it('should name every answer that was not the first one (I10)', () => {
    expect(judge([invoked, confirmed], [{ responseMd5: 'def' }]).found).toEqual(['I10 replay-mismatch']);
    expect(judge([invoked, confirmed], [{ responseStatus: 202 }]).found).toEqual(['I10 replay-mismatch']);
    const replay = (changes: Partial<HistoryLine>) =>
      judge([invoked, confirmed, { f: 'replay', status: 201, md5: 'abc', ...changes }], [{}]).found;
    expect(replay({ md5: 'def' })).toEqual(['I10 replay-mismatch']);
    expect(replay({ status: 202 })).toEqual(['I10 replay-mismatch']);
    expect(replay({ type: 'unknown', status: 0 })).toEqual([]);
    const reuse = { f: 'reuse' as const, type: 'fail' as const, status: 201 };
    expect(judge([invoked, confirmed, reuse], [{}]).found).toEqual(['I10 replay-mismatch']);
    expect(judge([invoked, { type: 'fail', status: 400, error: 'VALIDATION_FAILED' }], []).found).toEqual([
      'I10 misjudged',
    ]);
  });

  it('should hold a cancellation to its word (I6, I9)', () => {
    const asked = [invoked, confirmed, { f: 'cancel' as const, type: 'invoke' as const }];
    expect(judge([...asked, { f: 'cancel', status: 200 }], [{}]).found).toEqual(['I6 drift']);
    expect(judge([...asked, { f: 'cancel', status: 202 }], [{}]).found).toEqual(['I6 lost']);
    expect(judge([...asked, { f: 'cancel', status: 200 }], [{ status: 'cancelled' }]).found).toEqual([]);
    expect(judge([invoked, confirmed], [{ status: 'cancelled' }]).found).toEqual(['I9 misjudged']);
  });

  it('should hold what a client was told against what is (I7)', () => {
    expect(judge([invoked, confirmed], [{ status: 'failed' }]).found).toEqual(['I7 lost']);
  });

  it('should hold a million operations', () => {
    const index = new HistoryIndex('run', true);
    index.add({ ...invoked, op: 999_999 });
    expect(index.finish()).toEqual({ operations: 1_000_000, recovered: 0, unknown: 1 });
  });
});

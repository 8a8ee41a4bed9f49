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
function read(lines: Partial<HistoryLine>[], orders: Partial<StreamedOrder>[], fresh = true) {
  const index = new HistoryIndex('run', fresh);
  for (const line of lines) index.add({ ...invoked, type: 'ok', ...line } as HistoryLine);
  for (const order of orders) index.compare({ ...base, ...order });
  const { ended, ...counts } = index.finish();
  return { counts, ended, violations: index.violations.kept };
}

function judge(...of: Parameters<typeof read>) {
  const { counts, violations } = read(...of);
  return { counts, found: violations.map(({ invariant, class: kind }) => `${invariant} ${kind}`) };
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

  it('should say which order or key it is about, what its client was told, and what is stored', () => {
    const words = (...of: Parameters<typeof read>) =>
      read(...of).violations.map(({ subject, detail }) => `${subject}: ${detail}`);
    expect(words([invoked, confirmed], [])).toEqual(['run-0: answered 201, and no such order exists']);
    for (const [responseStatus, stored] of [
      [202, '202'],
      [null, 'nothing'],
    ] as const) {
      expect(words([invoked, confirmed], [{ responseStatus }])).toEqual([
        `${uuid(1)}: its client was answered 201; stored is ${stored}, or other bytes`,
      ]);
    }
    const replay = { f: 'replay' as const, status: 201, md5: 'def' };
    expect(words([invoked, confirmed, replay], [{}])).toEqual(['run-0: first answered 201, then other bytes']);
    const refused = { ...replay, type: 'fail' as const, status: 409, error: 'KEY_IN_FLIGHT' };
    expect(words([invoked, confirmed, refused], [{}])).toEqual(['run-0: first answered 201, then 409 KEY_IN_FLIGHT']);
  });

  it('should count, and not blame, what no client was told', () => {
    const unknown: HistoryLine = { ...invoked, type: 'unknown' };
    expect(judge([invoked, unknown], []).counts).toEqual({ operations: 1, recovered: 0, unknown: 1 });
    expect(judge([invoked, unknown], [{}])).toMatchObject({ found: [], counts: { recovered: 1, unknown: 0 } });
    expect(judge([invoked], [{}]).found).toEqual([]);
  });

  it('should count how orders ended, also those whose clients were told 202', () => {
    const accepted = { ...confirmed, status: 202 };
    const ends = [
      { status: 'failed', reason: 'OUT_OF_STOCK' },
      { status: 'failed', reason: 'CARD_DECLINED' },
      { status: 'compensating', reason: 'INSUFFICIENT_FUNDS' },
      { status: 'failed', reason: 'PAYMENT_TIMEOUT' },
      { status: 'cancelled', reason: null },
      { status: 'confirmed', reason: null },
    ] as const;
    const lines = ends.flatMap((_, op) => [
      { ...invoked, op, key: `run-${op}` },
      { ...accepted, op },
    ]);
    const orders = ends.map((end, op) => ({ ...end, key: `run-${op}` }));
    expect(read(lines, orders).ended).toEqual({ refused: 3, declined: 2, cancelled: 1 });
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
    expect(judge([invoked, { type: 'fail', status: 400, error: 'VALIDATION_FAILED' }], [])).toEqual({
      found: ['I10 misjudged'],
      counts: { operations: 1, recovered: 0, unknown: 0 },
    });
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

  it('should know a paid order from one on account (I7)', () => {
    expect(judge([{ ...invoked, pays: true }, confirmed], [{}]).found).toEqual(['I7 drift']);
    expect(judge([{ ...invoked, pays: true }, confirmed], [{ paid: true }]).found).toEqual([]);
    expect(judge([invoked, confirmed], [{ paid: true }]).found).toEqual(['I7 drift']);
  });

  it('should name an answer that was not stored (I10)', () => {
    expect(judge([invoked, confirmed], [{ responseStatus: null, responseMd5: null }]).found).toEqual([
      'I10 replay-mismatch',
    ]);
    expect(judge([invoked, confirmed], [{ responseMd5: null }]).found).toEqual(['I10 replay-mismatch']);
  });

  it('should accept one refusal only when a key is used for another order (I10)', () => {
    const reuse = { f: 'reuse' as const, type: 'fail' as const, status: 422, error: 'IDEMPOTENCY_KEY_REUSED' };
    for (const wrong of [
      { ...reuse, error: 'OUT_OF_STOCK' },
      { ...reuse, status: 409 },
    ]) {
      expect(judge([invoked, confirmed, wrong], [{}]).found).toEqual(['I10 replay-mismatch']);
    }
    expect(judge([invoked, confirmed, { f: 'reuse', type: 'unknown', status: 0 }], [{}]).found).toEqual([]);
  });

  it('should judge no request that is still under way, and no read', () => {
    const asked = (['replay', 'reuse'] as const).map((f) => ({ f, type: 'invoke' as const }));
    expect(judge([invoked, confirmed, ...asked, { f: 'read', op: 7, status: 404 }], [{}])).toEqual({
      found: [],
      counts: { operations: 1, recovered: 0, unknown: 0 },
    });
  });

  it('should not take a cancellation that was refused or lost for one that was promised', () => {
    const asked = [invoked, confirmed, { f: 'cancel' as const, type: 'invoke' as const }];
    for (const type of ['fail', 'unknown'] as const) {
      expect(judge([...asked, { f: 'cancel', type, status: 409 }], [{}]).found).toEqual([]);
      expect(judge([...asked, { f: 'cancel', type, status: 409 }], [{ status: 'cancelled' }]).found).toEqual([]);
    }
    expect(judge(asked, [{ status: 'cancelled' }]).found).toEqual([]);
    expect(judge([...asked, { f: 'cancel', status: 202 }], [{ status: 'cancelling' }]).found).toEqual([]);
    expect(judge([...asked, { f: 'cancel', status: 200 }], [{ status: 'cancelling' }]).found).toEqual(['I6 drift']);
  });

  it('should take a queued order to any end, and a refused one to none but failure (I7, I9)', () => {
    const queued: Partial<HistoryLine> = { ...confirmed, status: 202 };
    for (const status of ['queued', 'confirmed', 'failed', 'compensating'] as const) {
      expect(judge([invoked, queued], [{ status, responseStatus: 202 }]).found).toEqual([]);
    }
    expect(judge([invoked, queued], [{ status: 'cancelling', responseStatus: 202 }]).found).toEqual(['I9 misjudged']);
  });

  it('should name one order each for keys that only begin alike', () => {
    const second = { ...invoked, op: 1, key: 'run-1', items: 'xbox:1' };
    const told = { ...confirmed, op: 1, order_id: uuid(2), md5: 'def' };
    const other = { id: uuid(2), key: 'run-1', lines: 'xbox:1', responseMd5: 'def' };
    expect(judge([invoked, confirmed, second, told], [{}, other])).toEqual({
      ...{ found: [], counts: { operations: 2, recovered: 0, unknown: 0 } },
    });
    expect(judge([invoked, confirmed, second, told], [other]).found).toEqual(['I7 lost']);
  });

  it('should not miss what it was told before it grew', () => {
    const late = { ...invoked, op: 5_000, key: 'run-5000' };
    expect(judge([invoked, confirmed, late], [{ lines: 'ps5:2' }])).toMatchObject({
      ...{ found: ['I7 drift'], counts: { operations: 5_001, unknown: 1 } },
    });
    // A number that no client used is nobody's, within what is held and beyond it.
    for (const key of ['run-4000', 'run-9999999']) {
      expect(judge([invoked, confirmed, late], [{}, { id: uuid(2), key }], false).found).toEqual(['I3 unexpected']);
    }
  });

  it('should miss no order that was dropped for its age, and every younger one (I7)', () => {
    const at = (ms: number) =>
      `${ms
        .toString(16)
        .padStart(12, '0')
        .replace(/(.{8})/, '$1-')}-7000-8000-000000000000`;
    const index = (goneBefore: string) => {
      const history = new HistoryIndex('run', true);
      history.add(invoked);
      history.add({ ...confirmed, order_id: at(1_000) });
      // Of unknown age: it is counted in any case.
      history.add({ ...invoked, op: 1, type: 'unknown', key: 'run-1' });
      const counts = history.finish(goneBefore);
      return [history.violations.total, counts.unknown];
    };
    expect([at(1_001), at(1_000), at(999), ''].map(index)).toEqual([
      [0, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it('should hold a million operations', () => {
    const index = new HistoryIndex('run', true);
    index.add({ ...invoked, op: 999_999 });
    expect(index.finish()).toMatchObject({ operations: 1_000_000, recovered: 0, unknown: 1 });
  });
});

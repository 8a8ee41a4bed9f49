import { canonicalLines, isSettled, ORDER_STATUSES, type OrderStatus } from '@valerix/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  isOverdue,
  mayMove,
  movedTo,
  type Order,
  type Outcome,
  STATUS,
  sourcesOf,
  statusAfter,
  statusesThat,
  statusWhenUndone,
  WAITING,
} from '../src/order.ts';
import { isPaid, stepsOf, undoStepsOf } from '../src/saga.ts';

const status = fc.constantFrom(...ORDER_STATUSES);
const participant = fc.constantFrom('inventory' as const, 'payment' as const);
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant({ kind: 'applied' as const }),
  fc.record({
    kind: fc.constant('refused' as const),
    reason: fc.constantFrom('OUT_OF_STOCK' as const, 'CARD_DECLINED' as const),
    participant,
    isFirst: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('unknown' as const), participant, cause: fc.string() }),
  fc.record({ kind: fc.constant('not-sent' as const), participant, cause: fc.string() }),
);
const lines = fc.uniqueArray(
  fc.record({ item_id: fc.stringMatching(/^[a-z0-9]{1,8}$/), quantity: fc.integer({ min: 1, max: 1000 }) }),
  {
    selector: (line) => line.item_id,
    minLength: 1,
    maxLength: 50,
  },
);

it('I9: failed and cancelled are the end; confirmed leads only to a cancellation', () => {
  expect(STATUS.failed.next).toEqual([]);
  expect(STATUS.cancelled.next).toEqual([]);
  expect(STATUS.confirmed.next).toEqual(['cancelling']);
});

it('I9: an open order moves as the picture in ARCHITECTURE.md shows, and in no other way', () => {
  const moves = ORDER_STATUSES.flatMap((from) => STATUS[from].next.map((to) => `${from} → ${to}`));
  expect(new Set(moves)).toEqual(
    new Set([
      ...['pending → confirmed', 'pending → failed', 'pending → queued', 'pending → compensating'],
      ...['queued → confirmed', 'queued → failed', 'queued → compensating', 'queued → cancelling'],
      ...['compensating → failed', 'confirmed → cancelling', 'cancelling → cancelled'],
    ]),
  );
});

it('I8: the worker carries out what may still succeed and undoes the rest; only a request under way is not waiting', () => {
  expect(statusesThat(({ work }) => work === 'carry-out')).toEqual(['pending', 'queued']);
  expect(statusesThat(({ work }) => work === 'undo')).toEqual(['compensating', 'cancelling']);
  expect(WAITING).toEqual(['queued', 'compensating', 'cancelling']);
});

it('I5, I6: only a confirmed order has its stock in the end', () => {
  expect(statusesThat(({ stock }) => stock === 'taken')).toEqual(['confirmed']);
  expect(statusesThat(({ stock }) => stock === 'none')).toEqual(['failed', 'cancelled']);
});

it('an order is answered 201 when it is confirmed, 202 when it is queued, and with its refusal when it failed', () => {
  const answers = ORDER_STATUSES.flatMap((name) => (STATUS[name].answer ? [[name, STATUS[name].answer]] : []));
  expect(Object.fromEntries(answers)).toEqual({
    ...{ confirmed: 201, queued: 202, failed: 'refusal', compensating: 'refusal' },
  });
});

it('a cancellation that could not start is retried, unless it has begun or never can', () => {
  expect(statusesThat(({ cancellation }) => cancellation === 'begun')).toEqual(['cancelling', 'cancelled']);
  expect(statusesThat(({ cancellation }) => cancellation === 'refused')).toEqual(['compensating', 'failed']);
  expect(statusesThat(({ cancellation }) => cancellation === 'retry')).toEqual(['pending', 'confirmed', 'queued']);
});

it('an order that is undone is failed if it was refused, and cancelled otherwise', () => {
  expect(statusWhenUndone('compensating')).toBe('failed');
  expect(statusWhenUndone('cancelling')).toBe('cancelled');
});

it('a paid order is overdue from its deadline on; an order on account never is', () => {
  const payment_deadline = new Date(1_000);
  expect([999, 1_000, 1_001].map((now) => isOverdue({ payment_deadline }, new Date(now)))).toEqual([false, true, true]);
  expect(isOverdue({ payment_deadline: null }, new Date(1_001))).toBe(false);
  expect([isPaid({ payment_deadline }), isPaid({ payment_deadline: null })]).toEqual([true, false]);
});

it('I10: a move keeps what the order is, and clears the plans of its former status', () => {
  const order = { order_id: 'o', status: 'queued', reason: null, attempts: 3 } as Order;
  const planned = { ...order, next_attempt_at: new Date(1), dead_lettered_at: new Date(2), updated_at: new Date(3) };
  const change = { status: 'failed', reason: 'OUT_OF_STOCK' } as const;
  expect(movedTo(planned, change, new Date(9))).toEqual({
    ...{ ...order, ...change, next_attempt_at: null, dead_lettered_at: null, updated_at: new Date(9) },
  });
});

it('I9: no walk through the state machine comes back to a status it has left', () => {
  fc.assert(
    fc.property(status, fc.array(fc.nat(10), { maxLength: 20 }), (start, choices) => {
      const seen = [start];
      for (const choice of choices) {
        const { next } = STATUS[seen.at(-1) as OrderStatus];
        if (next.length === 0) break;
        seen.push(next[choice % next.length] as OrderStatus);
      }
      expect(new Set(seen).size).toBe(seen.length);
    }),
  );
});

it('every status leads to a settled one, so no order can be stuck by design (I8)', () => {
  const reaches = (from: OrderStatus): boolean => isSettled(from) || STATUS[from].next.some(reaches);
  for (const from of ORDER_STATUSES) expect(reaches(from), from).toBe(true);
});

it('the sources of a status are exactly those that may move there', () => {
  fc.assert(
    fc.property(status, status, (from, to) => {
      expect(sourcesOf(to).includes(from)).toBe(mayMove(from, to));
    }),
  );
});

it('I6: an outcome that is not known never fails an order; a refusal does, or has what was taken before it undone first', () => {
  fc.assert(
    fc.property(outcome, (result) => {
      const after = statusAfter(result);
      const known = result.kind === 'applied' || result.kind === 'refused';
      const undo = result.kind === 'refused' && !result.isFirst;
      expect(isSettled(after.status)).toBe(known && !undo);
      expect(after.status === 'failed').toBe(result.kind === 'refused' && !undo);
      expect(after.status === 'compensating').toBe(undo);
      expect(after.status === 'queued').toBe(!known);
      expect(after.reason).toBe(result.kind === 'refused' ? result.reason : null);
      expect(mayMove('pending', after.status)).toBe(true);
    }),
  );
});

it('the canonical form does not depend on the order of the lines, and tells different orders apart', () => {
  fc.assert(
    fc.property(lines, lines, (one, other) => {
      expect(canonicalLines(one.toReversed())).toBe(canonicalLines(one));
      const same =
        one.length === other.length &&
        one.every((line) => other.some((o) => o.item_id === line.item_id && o.quantity === line.quantity));
      expect(canonicalLines(one) === canonicalLines(other)).toBe(same);
    }),
  );
});

it('I15: a paid order is charged after its stock is reserved, and refunded before the stock is released', () => {
  const told = (steps: readonly { participant: string }[]) => steps.map((step) => Object.values(step).join(' '));
  const paid = { payment_deadline: new Date() };
  expect(told(stepsOf(paid))).toEqual(['inventory reserve release', 'payment charge refund', 'inventory commit ']);
  expect(told(undoStepsOf(paid))).toEqual(['payment refund', 'inventory release']);
  const onAccount = { payment_deadline: null };
  expect(told(stepsOf(onAccount))).toEqual(['inventory deduct release']);
  expect(told(undoStepsOf(onAccount))).toEqual(['inventory release']);
});

import { canonicalLines, isSettled, ORDER_STATUSES, type OrderStatus } from '@valerix/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mayMove, type Outcome, STATUS, sourcesOf, statusAfter } from '../src/order.ts';
import { stepsOf, undoStepsOf } from '../src/saga.ts';

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
  const paid = { payment_deadline: new Date() };
  expect(stepsOf(paid).map(({ op }) => op)).toEqual(['reserve', 'charge', 'commit']);
  expect(undoStepsOf(paid).map(({ undo }) => undo)).toEqual(['refund', 'release']);
  const onAccount = { payment_deadline: null };
  expect(stepsOf(onAccount).map(({ op }) => op)).toEqual(['deduct']);
  expect(undoStepsOf(onAccount).map(({ undo }) => undo)).toEqual(['release']);
});

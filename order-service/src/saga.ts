/** The steps of an order over its participants, and what undoes each; pure. ADR 31 says why they need no log. */
import type { Order, ParticipantName } from './order.ts';

/** What a participant is asked to do, and what undoes it. */
export interface Step {
  participant: ParticipantName;
  op: 'deduct' | 'reserve' | 'charge' | 'commit';
  undo: 'release' | 'refund' | null;
}

const ON_ACCOUNT: readonly Step[] = [{ participant: 'inventory', op: 'deduct', undo: 'release' }];
const PAID: readonly Step[] = [
  { participant: 'inventory', op: 'reserve', undo: 'release' },
  { participant: 'payment', op: 'charge', undo: 'refund' },
  // The release undoes it too.
  { participant: 'inventory', op: 'commit', undo: null },
];

export const isPaid = (order: Pick<Order, 'payment_deadline'>): boolean => order.payment_deadline !== null;

/** All steps of an order, from the first. Steps that were taken before are asked again: their participant repeats its decision. */
export const stepsOf = (order: Pick<Order, 'payment_deadline'>): readonly Step[] => (isPaid(order) ? PAID : ON_ACCOUNT);

/**
 * What undoes an order: the steps in the opposite order, so that a late charge meets the tombstone of its refund before the stock that
 * it pays for is given away (I15).
 */
export const undoStepsOf = (order: Pick<Order, 'payment_deadline'>) =>
  stepsOf(order)
    .flatMap(({ participant, undo }) => (undo ? [{ participant, undo }] : []))
    .toReversed();

import { problem } from './errors.ts';
import { movedTo, type Order, STATUS } from './order.ts';
import type { OrderReadsStore } from './order-reads-store.ts';
import type { OrderStore } from './order-store.ts';
import { covers, type Orders } from './ownership.ts';
import type { Participants } from './participants.ts';

export interface CancelOrderDeps {
  orders: Pick<OrderStore, 'startCancelling' | 'move'>;
  reads: Pick<OrderReadsStore, 'find'>;
  participants: Pick<Participants, 'undo'>;
  /** The time by the database's clock. */
  now: () => Date;
}

/**
 * Marks the order as `cancelling`, then undoes it: refunds its payment, releases its stock. If anything breaks in between, the worker
 * completes the cancellation. A charge or a deduction that arrives later meets the participant's tombstone (I6, I16).
 * @returns the order as `cancelled`, or as `cancelling` if a participant did not answer in time
 * @throws NOT_FOUND, ORDER_IN_FLIGHT, ORDER_NOT_CANCELLABLE
 */
export function createCancelOrder({ orders, reads, participants, now }: CancelOrderDeps) {
  return async function cancelOrder(
    id: string,
    reach: Orders,
    { requestId, traceparent }: { requestId: string; traceparent: string },
  ): Promise<Order> {
    const cancelling = (await orders.startCancelling(id, requestId, reach)) ?? (await alreadyCancelling(id, reach));
    if (cancelling.status === 'cancelled') return cancelling;

    const outcome = await participants.undo(cancelling, { round: 0, requestId, traceparent });
    if (outcome.kind !== 'undone') return cancelling;

    const cancelled = movedTo(cancelling, { status: 'cancelled' }, now());
    await orders.move({ order: cancelled, from: 'cancelling', answer: null, causationId: requestId });
    return cancelled;
  };

  async function alreadyCancelling(id: string, reach: Orders): Promise<Order> {
    const order = await reads.find(id);
    if (!order || !covers(reach, order.placed_by)) throw problem('NOT_FOUND', `There is no order ${id}.`);
    const { cancellation } = STATUS[order.status];
    if (cancellation === 'begun') return order;
    if (cancellation === 'refused')
      throw problem('ORDER_NOT_CANCELLABLE', 'The order failed: nothing is taken for it, or it is being given back.');
    throw problem('ORDER_IN_FLIGHT', 'The order is being placed or moved right now.', {
      headers: { 'Retry-After': '1' },
    });
  }
}

import { problem } from './errors.ts';
import type { InventoryClient } from './inventory-client.ts';
import { movedTo, type Order, STATUS } from './order.ts';
import type { OrderReadsStore } from './order-reads-store.ts';
import type { OrderStore } from './order-store.ts';
import { covers, type Orders } from './ownership.ts';

export interface CancelOrderDeps {
  orders: Pick<OrderStore, 'startCancelling' | 'move'>;
  reads: Pick<OrderReadsStore, 'find'>;
  inventory: Pick<InventoryClient, 'release'>;
  /** The time by the database's clock. */
  now: () => Date;
}

/**
 * Marks the order as `cancelling`, then releases its stock; if anything breaks in between, the worker completes the cancellation.
 * If the deduction arrives after the release, the inventory service's tombstone refuses it (I6).
 * @returns the order as `cancelled`, or as `cancelling` if the inventory service did not answer in time
 * @throws NOT_FOUND, ORDER_IN_FLIGHT, ORDER_NOT_CANCELLABLE
 */
export function createCancelOrder({ orders, reads, inventory, now }: CancelOrderDeps) {
  return async function cancelOrder(
    id: string,
    reach: Orders,
    { requestId, traceparent }: { requestId: string; traceparent: string },
  ): Promise<Order> {
    const cancelling = (await orders.startCancelling(id, requestId, reach)) ?? (await alreadyCancelling(id, reach));
    if (cancelling.status === 'cancelled') return cancelling;

    const outcome = await inventory.release({ orderId: cancelling.order_id, round: 0, requestId, traceparent });
    if (outcome.kind !== 'released') return cancelling;

    const cancelled = movedTo(cancelling, { status: 'cancelled' }, now());
    await orders.move({ order: cancelled, from: 'cancelling', answer: null, causationId: requestId });
    return cancelled;
  };

  async function alreadyCancelling(id: string, reach: Orders): Promise<Order> {
    const order = await reads.find(id);
    if (!order || !covers(reach, order.placed_by)) throw problem('NOT_FOUND', `There is no order ${id}.`);
    const { cancellation } = STATUS[order.status];
    if (cancellation === 'begun') return order;
    if (cancellation === 'refused') throw problem('ORDER_NOT_CANCELLABLE', 'The order failed; no stock was taken.');
    throw problem('ORDER_IN_FLIGHT', 'The order is being placed or moved right now.', {
      headers: { 'Retry-After': '1' },
    });
  }
}

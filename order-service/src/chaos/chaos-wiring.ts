import type { PointOf } from '@valerix/contracts';
import type { FaultContext } from '@valerix/service-kit/chaos/fault-context';
import type { Injector } from '@valerix/service-kit/chaos/injector';
import { withFailpoints } from '@valerix/service-kit/chaos/wrap';
import type { CancelOrderDeps } from '../cancel-order.ts';
import type { FallbackQueue } from '../fallback-queue.ts';
import type { Order } from '../order.ts';
import type { Move } from '../order-store.ts';
import type { Call, ParticipantClient } from '../participant-client.ts';
import type { PlaceOrderDeps } from '../place-order.ts';
import type { SettlerOptions } from '../settle-orders.ts';

/** Undefined with CHAOS=off: then every step stays as it is. */
type OrderInjector = Injector<PointOf<'order'>> | undefined;

const ofOrder = (order: Order): FaultContext => ({
  order_id: order.order_id,
  idempotency_key: order.idempotency_key,
  item_ids: order.items.map(({ item_id }) => item_id),
  attempt: order.attempts + 1,
});
const ofMove = ({ order }: Move): FaultContext => ofOrder(order);

/** The failpoints between the steps of placing an order. */
export function withPlacingFaults(injector: OrderInjector, deps: PlaceOrderDeps): PlaceOrderDeps {
  const { orders, queue } = deps;
  const push = withFailpoints(injector, async (orderId: string) => queue.push(orderId), {
    before: 'queue.before-push',
    context: (order_id) => ({ order_id }),
  });
  return {
    ...deps,
    orders: {
      create: withFailpoints(injector, orders.create, {
        before: 'order.before-create',
        after: 'order.after-create',
        context: ofOrder,
        // With a taken key, T0 writes nothing.
        reached: (created) => created,
      }),
      answer: withFailpoints(injector, orders.answer, {
        before: 'order.before-answer',
        after: 'order.after-answer',
        context: ofMove,
      }),
      findByKey: orders.findByKey,
    },
    // Best effort and in the background, with or without a fault.
    queue: { push: (orderId) => void push(orderId).catch(() => {}) },
  };
}

/** The failpoints between the steps of a cancellation. */
export function withCancellingFaults(injector: OrderInjector, deps: CancelOrderDeps): CancelOrderDeps {
  const { orders } = deps;
  return {
    ...deps,
    orders: {
      startCancelling: withFailpoints(injector, orders.startCancelling, {
        after: 'cancel.after-mark',
        context: (order_id) => ({ order_id }),
        reached: (order) => order !== undefined,
      }),
      move: withFailpoints(injector, orders.move, { before: 'cancel.before-settle', context: ofMove }),
    },
  };
}

/** The failpoints between the steps of the worker, order by order. */
export function withWorkerFaults(injector: OrderInjector, options: SettlerOptions): SettlerOptions {
  const { orders, participants } = options;
  const context = (order: Order, { round }: Call): FaultContext => ({ ...ofOrder(order), attempt: round + 1 });
  const claimed = { before: 'worker.after-claim', context } as const;
  return {
    ...options,
    participants: {
      ...participants,
      carryOut: withFailpoints(injector, participants.carryOut, claimed),
      undo: withFailpoints(injector, participants.undo, claimed),
    },
    orders: {
      claim: orders.claim,
      claimAbandoned: orders.claimAbandoned,
      releaseDead: orders.releaseDead,
      postpone: orders.postpone,
      move: withFailpoints(injector, orders.move, {
        before: 'worker.before-settle',
        after: 'worker.after-settle',
        context: ofMove,
      }),
    },
  };
}

type Handle = Parameters<FallbackQueue['start']>[0];

/** The failpoint between reading the stream's entries and handling them. */
export function withConsumingFaults(injector: OrderInjector, handle: Handle): Handle {
  return withFailpoints(injector, handle, {
    before: 'queue-consume',
    context: (orderIds) => orderIds.map((order_id) => ({ order_id })),
  });
}

/** The failpoints between the steps of a paid order. */
export function withSagaFaults(injector: OrderInjector, client: ParticipantClient): ParticipantClient {
  const after = (point: PointOf<'order'>) =>
    withFailpoints(injector, client.ask, {
      after: point,
      context: ({ order_id, items }, { round }) => ({
        order_id,
        item_ids: items?.map(({ item_id }) => item_id) ?? [],
        attempt: round + 1,
      }),
      reached: ({ kind }) => kind === 'decided',
    });
  const between: Record<string, ParticipantClient['ask']> = {
    reserve: after('saga.after-reserve'),
    charge: after('saga.after-charge'),
    commit: after('saga.after-commit'),
    refund: after('saga.after-refund'),
  };
  return { ...client, ask: (command, call) => (between[command.op] ?? client.ask)(command, call) };
}

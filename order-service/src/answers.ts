import { keyAsSent, type Order as WireOrder } from '@valerix/contracts';
import { problemBody } from '@valerix/service-kit/problem';
import { problem } from './errors.ts';
import { type AnsweredStatus, type Order, type RefusalReason, STATUS } from './order.ts';

/** The answer to `POST /api/orders`, stored with the order and replayed byte for byte (I10). */
export interface StoredAnswer {
  order_id: string;
  status: number;
  body: string;
}

/** An order with the answer to the request that placed it. */
export interface StoredOrder extends Order {
  answer: StoredAnswer | null;
}

const DEAD_LETTER = 'Your order is kept, but not settled yet: an operator must requeue it.';

/** What the order's status means to its customer now. It is not part of the stored answer, which never changes. */
export function messageOf(order: Pick<Order, 'status' | 'dead_lettered_at'>): string {
  return order.dead_lettered_at === null ? STATUS[order.status].message : DEAD_LETTER;
}

const REFUSALS: Record<RefusalReason, string> = {
  OUT_OF_STOCK: 'There is not enough stock for every item of the order.',
  ITEM_NOT_FOUND: 'The inventory service does not know one of the items.',
  ORDER_VOIDED: 'The order was cancelled before the inventory service saw it.',
};

/** The order as it goes over the wire to its owner. */
export function toWire(order: Order): WireOrder {
  const [line, ...more] = order.items;
  return {
    order_id: order.order_id,
    idempotency_key: keyAsSent(order.idempotency_key),
    status: order.status,
    reason: order.reason,
    items: order.items,
    ...(more.length === 0 && line),
    attempts: order.attempts,
    next_attempt_at: order.next_attempt_at?.toISOString() ?? null,
    dead_lettered_at: order.dead_lettered_at?.toISOString() ?? null,
    created_at: order.created_at.toISOString(),
    updated_at: order.updated_at.toISOString(),
  };
}

/** The one answer of an order, in the first status that answers it. */
export function answerOf(order: Order & { status: AnsweredStatus }): StoredAnswer {
  const { answer, message } = STATUS[order.status];
  const body = answer === 422 ? refusalBody(order) : JSON.stringify({ order: toWire(order), message });
  return { order_id: order.order_id, status: answer, body };
}

function refusalBody(order: Order): string {
  const reason = order.reason ?? 'OUT_OF_STOCK';
  const refusal = problemBody(problem(reason, REFUSALS[reason]), {
    instance: '/api/orders',
    requestId: order.correlation_id,
  });
  return JSON.stringify({ ...refusal, order_id: order.order_id });
}

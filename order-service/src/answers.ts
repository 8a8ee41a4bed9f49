import type { Order as WireOrder } from '@valerix/contracts';
import { problemBody } from '@valerix/service-kit/problem';
import { problem } from './errors.ts';
import type { Order, RefusalReason } from './order.ts';

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

const MESSAGES = {
  pending: 'Your order is being placed.',
  confirmed: 'Your order is confirmed.',
  queued: 'Your order is accepted. The warehouse is slow to answer; we will confirm it shortly.',
  failed: 'Your order could not be filled.',
  cancelling: 'Your cancellation is accepted. The warehouse is slow to answer; we will complete it shortly.',
  cancelled: 'Your order is cancelled.',
} as const;

const DEAD_LETTER = 'Your order is kept, but it is not settled: an operator has to have it tried again.';

/** What the order's status means to its customer now. Not part of a stored answer: an order moves on, the answer stays. */
export function messageOf(order: Pick<Order, 'status' | 'dead_lettered_at'>): string {
  return order.dead_lettered_at === null ? MESSAGES[order.status] : DEAD_LETTER;
}

const REFUSALS: Record<RefusalReason, string> = {
  OUT_OF_STOCK: 'There is not enough stock for every item of the order.',
  ITEM_NOT_FOUND: 'The warehouse does not know one of the items.',
  ORDER_VOIDED: 'The order was cancelled before the warehouse saw it.',
};

/** The order as it goes over the wire. */
export function toWire(order: Order): WireOrder {
  const [line, ...more] = order.items;
  return {
    order_id: order.order_id,
    idempotency_key: order.idempotency_key,
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

/** 201 confirmed, 202 queued, 422 refused. */
export function answerOf(order: Order): StoredAnswer {
  if (order.status === 'failed') return { order_id: order.order_id, status: 422, body: refusalBody(order) };
  const body = JSON.stringify({ order: toWire(order), message: MESSAGES[order.status] });
  return { order_id: order.order_id, status: order.status === 'confirmed' ? 201 : 202, body };
}

function refusalBody(order: Order): string {
  const reason = order.reason ?? 'OUT_OF_STOCK';
  const refusal = problemBody(problem(reason, REFUSALS[reason]), {
    instance: '/api/orders',
    requestId: order.correlation_id,
  });
  return JSON.stringify({ ...refusal, order_id: order.order_id });
}

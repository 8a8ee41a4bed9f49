import { keyAsSent, totalOf, type Order as WireOrder } from '@valerix/contracts';
import { problemBody } from '@valerix/service-kit/problem';
import { ERRORS, problem } from './errors.ts';
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

/** The error with which a refused order is answered, and what its customer reads. */
const REFUSALS = {
  OUT_OF_STOCK: { code: 'OUT_OF_STOCK', detail: 'There is not enough stock for every item of the order.' },
  ITEM_NOT_FOUND: { code: 'ITEM_NOT_FOUND', detail: 'The inventory service does not know one of the items.' },
  ORDER_VOIDED: { code: 'ORDER_VOIDED', detail: 'The order was cancelled before the inventory service saw it.' },
  PRICE_CHANGED: { code: 'PRICE_CHANGED', detail: 'The order does not cost what the customer saw.' },
  CURRENCIES_DIFFER: {
    code: 'CURRENCIES_DIFFER',
    detail: 'The items of the order have prices in more than one currency.',
  },
  CARD_DECLINED: { code: 'PAYMENT_DECLINED', detail: 'The card was declined.' },
  INSUFFICIENT_FUNDS: { code: 'PAYMENT_DECLINED', detail: 'The card does not cover the total.' },
  PAYMENT_DECLINED: { code: 'PAYMENT_DECLINED', detail: 'The payment was declined.' },
  PAYMENT_TIMEOUT: { code: 'PAYMENT_TIMEOUT', detail: 'The payment was not settled in time, so the order was undone.' },
} as const satisfies Record<RefusalReason, { code: keyof typeof ERRORS; detail: string }>;

/** The order as it goes over the wire to its owner. */
export function toWire(order: Order): WireOrder {
  const items = order.items.map((line) => ({ ...line, unit_price_cents: line.unit_price_cents ?? null }));
  const [line, ...more] = order.items;
  return {
    order_id: order.order_id,
    idempotency_key: keyAsSent(order.idempotency_key),
    status: order.status,
    reason: order.reason,
    items,
    currency: order.currency,
    total_cents: totalOf(order.items),
    payment_deadline: order.payment_deadline?.toISOString() ?? null,
    ...(line && more.length === 0 && { item_id: line.item_id, quantity: line.quantity }),
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
  if (answer === 'refusal') return refusalOf(order);
  return { order_id: order.order_id, status: answer, body: JSON.stringify({ order: toWire(order), message }) };
}

function refusalOf(order: Order): StoredAnswer {
  const reason = order.reason ?? 'OUT_OF_STOCK';
  const { code, detail } = REFUSALS[reason];
  const refusal = problemBody(problem(code, detail), { instance: '/api/orders', requestId: order.correlation_id });
  const total_cents = totalOf(order.items);
  const more = {
    order_id: order.order_id,
    reason,
    ...(total_cents !== null && { currency: order.currency, total_cents }),
  };
  return { order_id: order.order_id, status: ERRORS[code].status, body: JSON.stringify({ ...refusal, ...more }) };
}

import type { PlacedBy } from '@valerix/contracts';
import { literal } from '@valerix/service-kit/postgres';
import type { StoredOrder } from './answers.ts';
import { type OrderLine, type OrderStatus, type RefusalReason, WAITING } from './order.ts';

/** The columns that make a `StoredOrder`, for every SELECT and RETURNING. */
export const ORDER_COLUMNS = [
  'order_id',
  'idempotency_key',
  'placed_by',
  'fingerprint',
  'status',
  'reason',
  'items',
  'response_status',
  'response_body',
  'attempts',
  'next_attempt_at',
  'dead_lettered_at',
  'correlation_id',
  'created_at',
  'updated_at',
]
  .map((column) => `orders.${column}`)
  .join(', ');

/** `(…)`: the statuses in which an order waits for the worker. */
export const WAITING_LIST = `(${WAITING.map(literal).join(', ')})`;

export interface OrderRow {
  order_id: string;
  idempotency_key: string;
  placed_by: PlacedBy;
  fingerprint: string;
  status: OrderStatus;
  reason: RefusalReason | null;
  items: OrderLine[];
  response_status: number | null;
  response_body: string | null;
  attempts: number;
  next_attempt_at: Date | null;
  dead_lettered_at: Date | null;
  correlation_id: string;
  created_at: Date;
  updated_at: Date;
}

export function toOrder({ response_status, response_body, ...order }: OrderRow): StoredOrder {
  const answered = response_status !== null && response_body !== null;
  return {
    ...order,
    answer: answered ? { order_id: order.order_id, status: response_status, body: response_body } : null,
  };
}

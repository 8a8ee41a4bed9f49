import type { PlacedBy } from '@valerix/contracts';
import { literal } from '@valerix/service-kit/postgres';
import type { StoredOrder } from './answers.ts';
import { type OrderStatus, type PricedLine, type RefusalReason, WAITING } from './order.ts';

/** The columns that make a `StoredOrder`, for every SELECT and RETURNING. */
export const ORDER_COLUMNS = [
  'order_id',
  'idempotency_key',
  'placed_by',
  'fingerprint',
  'status',
  'reason',
  'items',
  'currency',
  'expected_total_cents',
  'payment_token',
  'payment_deadline',
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
  items: PricedLine[];
  currency: string | null;
  /** PostgreSQL's bigint comes as text. */
  expected_total_cents: string | null;
  payment_token: string | null;
  payment_deadline: Date | null;
  response_status: number | null;
  response_body: string | null;
  attempts: number;
  next_attempt_at: Date | null;
  dead_lettered_at: Date | null;
  correlation_id: string;
  created_at: Date;
  updated_at: Date;
}

export function toOrder({ response_status, response_body, expected_total_cents, ...order }: OrderRow): StoredOrder {
  const answered = response_status !== null && response_body !== null;
  return {
    ...order,
    expected_total_cents: expected_total_cents === null ? null : Number(expected_total_cents),
    answer: answered ? { order_id: order.order_id, status: response_status, body: response_body } : null,
  };
}

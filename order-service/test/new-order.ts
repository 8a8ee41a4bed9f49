import { randomUUID } from 'node:crypto';
import type { Order } from '../src/order.ts';

/** An order as T0 writes it, without a lease. */
export function newOrder(change: Partial<Order> = {}): Order {
  const now = new Date();
  return {
    order_id: randomUUID(),
    idempotency_key: randomUUID(),
    placed_by: 'guest',
    fingerprint: 'fingerprint',
    status: 'pending',
    reason: null,
    items: [{ item_id: 'ps5', quantity: 1 }],
    currency: null,
    expected_total_cents: null,
    payment_token: null,
    payment_deadline: null,
    attempts: 0,
    next_attempt_at: null,
    dead_lettered_at: null,
    correlation_id: 'test',
    created_at: now,
    updated_at: now,
    ...change,
  };
}

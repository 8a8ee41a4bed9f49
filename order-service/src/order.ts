/** What an order is and how it may move; pure. */

export interface OrderLine {
  item_id: string;
  quantity: number;
}

export type OrderStatus = 'pending' | 'confirmed' | 'queued' | 'failed' | 'cancelling' | 'cancelled';
export type RefusalReason = 'OUT_OF_STOCK' | 'ITEM_NOT_FOUND' | 'ORDER_VOIDED';

export interface Order {
  order_id: string;
  idempotency_key: string;
  fingerprint: string;
  status: OrderStatus;
  reason: RefusalReason | null;
  items: OrderLine[];
  attempts: number;
  next_attempt_at: Date | null;
  dead_lettered_at: Date | null;
  correlation_id: string;
  created_at: Date;
  updated_at: Date;
}

/** Where an order may go from where it is (I9). A move to the same status is a new attempt, not a transition. */
export const TRANSITIONS = {
  pending: ['confirmed', 'failed', 'queued'],
  queued: ['confirmed', 'failed', 'cancelling'],
  confirmed: ['cancelling'],
  cancelling: ['cancelled'],
  failed: [],
  cancelled: [],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>;

export function mayMove(from: OrderStatus, to: OrderStatus): boolean {
  return (TRANSITIONS[from] as readonly OrderStatus[]).includes(to);
}

/** The statuses from which an order may move to `to`: the WHERE of every compare-and-set. */
export function sourcesOf(to: OrderStatus): OrderStatus[] {
  return (Object.keys(TRANSITIONS) as OrderStatus[]).filter((from) => mayMove(from, to));
}

/** True when nothing but a cancellation can still happen to the order. */
export function isSettled(status: OrderStatus): boolean {
  return status === 'confirmed' || status === 'failed' || status === 'cancelled';
}

/** What came of asking the warehouse. Only `applied` and `refused` are known; the others say nothing about the stock. */
export type DeductOutcome =
  | { kind: 'applied' }
  | { kind: 'refused'; reason: RefusalReason }
  | { kind: 'unknown'; cause: string }
  | { kind: 'not-sent'; cause: string };

/** The status an outcome leads to. An unknown outcome never becomes `failed`: the stock may be deducted (I6). */
export function statusAfter(outcome: DeductOutcome): { status: OrderStatus; reason: RefusalReason | null } {
  switch (outcome.kind) {
    case 'applied':
      return { status: 'confirmed', reason: null };
    case 'refused':
      return { status: 'failed', reason: outcome.reason };
    case 'unknown':
    case 'not-sent':
      return { status: 'queued', reason: null };
  }
}

/** The canonical form of an order's meaning: its lines, by item. Two bodies that mean the same have the same one. */
export function canonicalLines(items: readonly OrderLine[]): string {
  return [...items]
    .sort((a, b) => (a.item_id < b.item_id ? -1 : 1))
    .map((line) => `${line.item_id}:${line.quantity}`)
    .join(',');
}

/** What an order is and how it may move; pure. */
import type { OrderLine, OrderStatus, PlacedBy, RefusalReason, SettledStatus } from '@valerix/contracts';

export type { OrderLine, OrderStatus, RefusalReason };

export interface Order {
  order_id: string;
  /** With the user's id before it, if a user placed the order. */
  idempotency_key: string;
  placed_by: PlacedBy;
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

/** The command that the inventory service must still get for an order. */
export type Work = 'deduct' | 'release';

interface StatusFacts {
  /** Where an order may go from here (I9). A move to the same status is a new attempt, not a transition. */
  next: readonly OrderStatus[];
  /** What the worker does with an order in this status; null when there is nothing left to do. */
  work: Work | null;
  /** True if the order waits for the worker; the queue's depth and age count it. */
  waiting: boolean;
  /** What the ledger must show for the order's stock (I5, I6); null while it may still change. */
  stock: 'taken' | 'never taken' | 'given back' | null;
  /** The HTTP status of the order's one answer, if it is answered in this status; otherwise null. */
  answer: 201 | 202 | 422 | null;
  /** The answer to a cancellation that could not start: it already has, it never can, or the client may retry at once. */
  cancellation: 'begun' | 'refused' | 'retry';
  /** What the customer reads. */
  message: string;
}

/**
 * Everything this service knows about a status. Add a new status to the contracts first; the compiler then asks for its row here
 * and in the other tables of statuses (ARCHITECTURE.md, "Where to change what").
 */
export const STATUS = {
  pending: {
    next: ['confirmed', 'failed', 'queued'],
    work: 'deduct',
    waiting: false,
    stock: null,
    answer: null,
    cancellation: 'retry',
    message: 'Your order is being placed.',
  },
  confirmed: {
    next: ['cancelling'],
    work: null,
    waiting: false,
    stock: 'taken',
    answer: 201,
    cancellation: 'retry',
    message: 'Your order is confirmed.',
  },
  queued: {
    next: ['confirmed', 'failed', 'cancelling'],
    work: 'deduct',
    waiting: true,
    stock: null,
    answer: 202,
    cancellation: 'retry',
    message: 'Your order is accepted. The stock check takes longer than usual; we will confirm it shortly.',
  },
  failed: {
    next: [],
    work: null,
    waiting: false,
    stock: 'never taken',
    answer: 422,
    cancellation: 'refused',
    message: 'Your order could not be filled.',
  },
  cancelling: {
    next: ['cancelled'],
    work: 'release',
    waiting: true,
    stock: null,
    answer: null,
    cancellation: 'begun',
    message: 'Your cancellation is accepted. It takes longer than usual; we will complete it shortly.',
  },
  cancelled: {
    next: [],
    work: null,
    waiting: false,
    stock: 'given back',
    answer: null,
    cancellation: 'begun',
    message: 'Your order is cancelled.',
  },
} as const satisfies { [S in OrderStatus]: StatusFacts & (S extends SettledStatus ? Settled : Open) };

type Settled = { work: null; stock: string };
type Open = { work: Work; stock: null };

/** The statuses in which an order gets its one answer. */
export type AnsweredStatus = {
  [S in OrderStatus]: (typeof STATUS)[S]['answer'] extends null ? never : S;
}[OrderStatus];

/** The statuses whose facts meet a condition. */
export function statusesThat(have: (facts: StatusFacts) => boolean): OrderStatus[] {
  return (Object.keys(STATUS) as OrderStatus[]).filter((status) => have(STATUS[status]));
}

export const WAITING = statusesThat(({ waiting }) => waiting);

export function mayMove(from: OrderStatus, to: OrderStatus): boolean {
  return (STATUS[from] as StatusFacts).next.includes(to);
}

/** The statuses from which an order may move to `to`: the WHERE of every compare-and-set. */
export const sourcesOf = (to: OrderStatus): OrderStatus[] => statusesThat(({ next }) => next.includes(to));

/** The outcome of a deduction. Only `applied` and `refused` are decisions; the others say nothing about the stock. */
export type DeductOutcome =
  | { kind: 'applied' }
  | { kind: 'refused'; reason: RefusalReason }
  | { kind: 'unknown'; cause: string }
  | { kind: 'not-sent'; cause: string };

/** The status that follows from an outcome. An unknown outcome never becomes `failed`: the stock may be deducted (I6). */
export function statusAfter(outcome: DeductOutcome): { status: AnsweredStatus; reason: RefusalReason | null } {
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

/** The order after a move. The plans of its former status are cleared, so a stored answer never contains them (I10). */
export function movedTo<O extends Order, C extends Pick<Order, 'status'> & Partial<Pick<Order, 'reason'>>>(
  order: O,
  change: C,
  at: Date,
) {
  return { ...order, ...change, next_attempt_at: null, dead_lettered_at: null, updated_at: at };
}

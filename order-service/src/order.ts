/** What an order is and how it may move; pure. `saga.ts` has the steps over its participants. */
import type { OrderLine, OrderStatus, PlacedBy, PricedLine, RefusalReason, SettledStatus } from '@valerix/contracts';

export type { OrderLine, OrderStatus, PricedLine, RefusalReason };

export interface Order {
  order_id: string;
  /** With the user's id before it, if a user placed the order. */
  idempotency_key: string;
  placed_by: PlacedBy;
  fingerprint: string;
  status: OrderStatus;
  reason: RefusalReason | null;
  /** With the prices of the warehouse's decision, once it is known. */
  items: PricedLine[];
  /** Of the prices; null until they are known. */
  currency: string | null;
  /** The total that the customer saw. */
  expected_total_cents: number | null;
  /** Pays the order. Null when it is billed on account, and as soon as its payment is no longer asked for. */
  payment_token: string | null;
  /** When a paid order that is still open is undone; null for an order that is billed on account. */
  payment_deadline: Date | null;
  attempts: number;
  next_attempt_at: Date | null;
  dead_lettered_at: Date | null;
  correlation_id: string;
  created_at: Date;
  updated_at: Date;
}

/** What the worker must still do for an order: have it carried out by every participant, or undone. */
export type Work = 'carry-out' | 'undo';

interface StatusFacts {
  /** Where an order may go from here (I9). A move to the same status is a new attempt, not a transition. */
  next: readonly OrderStatus[];
  /** What the worker does with an order in this status; null when there is nothing left to do. */
  work: Work | null;
  /** True if the order waits for the worker; the queue's depth and age count it. */
  waiting: boolean;
  /** What the ledger must show for the order's stock (I5, I6); null while it may still change. */
  stock: 'taken' | 'none' | null;
  /** The HTTP status of the order's one answer, if it is answered in this status; a refusal has that of its reason. */
  answer: 201 | 202 | 'refusal' | null;
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
    next: ['confirmed', 'failed', 'queued', 'compensating'],
    work: 'carry-out',
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
    next: ['confirmed', 'failed', 'compensating', 'cancelling'],
    work: 'carry-out',
    waiting: true,
    stock: null,
    answer: 202,
    cancellation: 'retry',
    message: 'Your order is accepted. It takes longer than usual; we will confirm it shortly.',
  },
  compensating: {
    next: ['failed'],
    work: 'undo',
    waiting: true,
    stock: null,
    answer: 'refusal',
    cancellation: 'refused',
    message: 'Your order could not be filled. What was taken for it is being given back.',
  },
  failed: {
    next: [],
    work: null,
    waiting: false,
    stock: 'none',
    answer: 'refusal',
    cancellation: 'refused',
    message: 'Your order could not be filled.',
  },
  cancelling: {
    next: ['cancelled'],
    work: 'undo',
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
    stock: 'none',
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

/** A service that decides about an order, and can undo what it did. */
export type ParticipantName = 'inventory' | 'payment';

/** The prices of the warehouse's decision. */
export interface Prices {
  items: PricedLine[];
  currency: string;
}

/** A call without a decision: it says nothing about what the participant did. */
export type NoDecision = { kind: 'unknown' | 'not-sent'; participant: ParticipantName; cause: string };

/** What became of carrying an order out. Only `applied` and `refused` are decisions. */
export type Outcome = (
  | { kind: 'applied' }
  | {
      kind: 'refused';
      participant: ParticipantName;
      reason: RefusalReason;
      /** True if no participant was asked before, so nothing must be undone. */
      isFirst: boolean;
    }
  | NoDecision
) & { prices?: Prices | undefined };

/** What became of undoing an order. */
export type UndoOutcome = { kind: 'undone' } | NoDecision;

/**
 * The status that follows from an outcome. An unknown outcome never becomes `failed`: the stock may be deducted (I6). After a
 * refusal, what the participants before have done must be undone; before the first one, there is nothing.
 */
export function statusAfter(outcome: Outcome): { status: AnsweredStatus; reason: RefusalReason | null } {
  switch (outcome.kind) {
    case 'applied':
      return { status: 'confirmed', reason: null };
    case 'refused':
      return { status: outcome.isFirst ? 'failed' : 'compensating', reason: outcome.reason };
    case 'unknown':
    case 'not-sent':
      return { status: 'queued', reason: null };
  }
}

/** The status of an order whose participants have all undone it. */
export const statusWhenUndone = (status: OrderStatus): 'failed' | 'cancelled' =>
  status === 'compensating' ? 'failed' : 'cancelled';

/** True if a paid order that is still open must be undone. */
export const isOverdue = ({ payment_deadline }: Pick<Order, 'payment_deadline'>, now: Date): boolean =>
  payment_deadline !== null && payment_deadline <= now;

/** The order after a move. The plans of its former status are cleared, so a stored answer never contains them (I10). */
export function movedTo<
  O extends Order,
  C extends Pick<Order, 'status'> & Partial<Pick<Order, 'reason' | 'items' | 'currency'>>,
>(order: O, change: C, at: Date) {
  return { ...order, ...change, next_attempt_at: null, dead_lettered_at: null, updated_at: at };
}

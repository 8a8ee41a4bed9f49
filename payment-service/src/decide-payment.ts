/**
 * The rules of the payment service, pure. The first decision about an order stands; a refund that comes before its charge leaves a
 * tombstone; what the provider is seen to have done is booked once (I14), and money taken after the tombstone goes back (I16).
 */
import type { PaymentDecision, PaymentEntry, PaymentRefusal } from '@valerix/contracts';

export type PaymentOrder = { order_id: string } & (
  | { op: 'charge'; amount_cents: number; currency: string; token: string }
  | { op: 'refund' }
);

/** All that is kept about the payment of one order. */
export interface Payment {
  order_id: string;
  /** Null while nothing is decided: a charge was asked for, and the provider has not said what became of it. */
  outcome: PaymentDecision['outcome'] | null;
  reason: PaymentRefusal | null;
  amount_cents: number | null;
  currency: string | null;
  /** Null as soon as no charge is open. */
  token: string | null;
  /** What the provider has not confirmed yet. It is written before the provider is asked. */
  waits_for: 'charge' | 'refund' | null;
  created_at: string;
  decided_at: string | null;
  charged_at: string | null;
  refunded_at: string | null;
}

/** What the provider says of a reference, in our words. */
export type ProviderState =
  /** It has never heard of it. */
  | { status: 'unknown' }
  /** It has not decided, and will say later. */
  | { status: 'pending' }
  | { status: 'charged'; amount_cents: number; currency: string }
  | { status: 'declined'; reason: PaymentRefusal }
  /** Charged, and all of it given back. */
  | { status: 'refunded'; amount_cents: number; currency: string }
  /** Never charged, and it never can be. */
  | { status: 'voided' };

export type PaymentMovement = Pick<PaymentEntry, 'transaction_type' | 'order_id' | 'amount_change' | 'currency'>;

/**
 * What a command makes of a payment; what it had before, if nothing changes.
 * @param now ISO timestamp to record
 */
export function decidePayment(command: PaymentOrder, prior: Payment | undefined, now: string): Payment {
  if (command.op === 'charge') return prior ?? opened(command, now);
  // A tombstone: a charge that arrives after the undoing is refused (I16). The provider may know one that a restore has forgotten here.
  if (!prior) return { ...blank(command.order_id, now), ...VOIDED, waits_for: 'refund', decided_at: now };
  if (prior.waits_for === 'charge') return { ...prior, ...VOIDED, token: null, waits_for: 'refund', decided_at: now };
  const isCharged = prior.outcome === 'applied' && prior.refunded_at === null;
  return isCharged ? { ...prior, waits_for: 'refund' } : prior;
}

const VOIDED = { outcome: 'voided', reason: 'ORDER_VOIDED' } as const;

const blank = (order_id: string, now: string): Payment => ({
  order_id,
  outcome: null,
  reason: null,
  amount_cents: null,
  currency: null,
  token: null,
  waits_for: null,
  created_at: now,
  decided_at: null,
  charged_at: null,
  refunded_at: null,
});

const opened = (command: PaymentOrder & { op: 'charge' }, now: string): Payment => ({
  ...blank(command.order_id, now),
  amount_cents: command.amount_cents,
  currency: command.currency,
  token: command.token,
  waits_for: 'charge',
});

/**
 * What to ask the provider next. A charge that may have been sent before is looked up, and sent again only if the provider does not
 * know it.
 */
export function stepOf({ waits_for }: Payment, mayHaveBeenSent: boolean): 'charge' | 'find' | 'refund' | null {
  if (waits_for === 'charge') return mayHaveBeenSent ? 'find' : 'charge';
  return waits_for;
}

export interface Settled {
  payment: Payment;
  /** Entries for the ledger. */
  movements: PaymentMovement[];
}

/**
 * Books what the provider says, in whatever order and however often it says it.
 * @param now ISO timestamp to record
 */
export function settlePayment(payment: Payment, told: ProviderState, now: string): Settled {
  switch (told.status) {
    case 'unknown':
    case 'pending':
      return { payment, movements: [] };
    case 'declined':
      return notCharged(payment, { outcome: 'refused', reason: told.reason }, now);
    case 'voided':
      return notCharged(payment, VOIDED, now);
    case 'charged': {
      const { payment: booked, movements } = bookCharge(payment, told, now);
      if (booked.waits_for === 'charge')
        return { payment: { ...decided(booked, APPLIED, now), waits_for: null }, movements };
      // The first decision stands: money that came in after it goes back.
      const isOurs = booked.outcome === 'applied' || booked.refunded_at !== null;
      return { payment: isOurs ? booked : { ...booked, waits_for: 'refund' }, movements };
    }
    case 'refunded': {
      const { payment: charged, movements } = bookCharge(payment, told, now);
      const known = charged.outcome === null ? decided(charged, VOIDED, now) : charged;
      if (known.refunded_at !== null) return { payment: known, movements };
      return {
        payment: { ...known, waits_for: null, refunded_at: now },
        movements: [...movements, movement('refund', known.order_id, told)],
      };
    }
  }
}

const APPLIED = { outcome: 'applied', reason: null } as const;

const decided = (payment: Payment, verdict: Pick<Payment, 'outcome' | 'reason'>, now: string): Payment => ({
  ...payment,
  ...verdict,
  token: null,
  decided_at: now,
});

/** No money was taken: an open charge ends so, and an open refund has nothing to give back. */
function notCharged(payment: Payment, verdict: Pick<Payment, 'outcome' | 'reason'>, now: string): Settled {
  if (payment.charged_at !== null || payment.waits_for === null) return { payment, movements: [] };
  const ended = payment.outcome === null ? decided(payment, verdict, now) : payment;
  return { payment: { ...ended, waits_for: null }, movements: [] };
}

function bookCharge(payment: Payment, money: { amount_cents: number; currency: string }, now: string): Settled {
  if (payment.charged_at !== null) return { payment, movements: [] };
  return {
    // A tombstone knows no amount: the order never asked for one.
    payment: {
      ...payment,
      amount_cents: payment.amount_cents ?? money.amount_cents,
      currency: payment.currency ?? money.currency,
      charged_at: now,
    },
    movements: [movement('charge', payment.order_id, money)],
  };
}

const movement = (
  transaction_type: PaymentMovement['transaction_type'],
  order_id: string,
  { amount_cents, currency }: { amount_cents: number; currency: string },
): PaymentMovement => ({
  transaction_type,
  order_id,
  amount_change: transaction_type === 'charge' ? amount_cents : 0 - amount_cents,
  currency,
});

/** The answer to a command; undefined while the provider has not said what became of it. */
export function answerTo(op: PaymentOrder['op'], payment: Payment): PaymentDecision | undefined {
  const { outcome, decided_at } = payment;
  if (payment.waits_for === op || outcome === null || decided_at === null) return undefined;
  const { order_id, reason, amount_cents, currency, charged_at, refunded_at } = payment;
  return { order_id, outcome, reason, amount_cents, currency, decided_at, charged_at, refunded_at };
}

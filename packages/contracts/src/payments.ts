import { z } from 'zod';
import { DECISION_OUTCOMES, replyOf, travel } from './commands.ts';
import { commitPosition } from './commit-position.ts';
import { amountCents, currency, paymentToken } from './money.ts';
import { orderId } from './orders.ts';
import { writtenText } from './text.ts';

const timestamp = z.iso.datetime({ offset: true });

/** Why no money was taken. */
export const PAYMENT_REFUSALS = ['CARD_DECLINED', 'INSUFFICIENT_FUNDS', 'PAYMENT_DECLINED', 'ORDER_VOIDED'] as const;
export const paymentRefusal = z.enum(PAYMENT_REFUSALS).meta({ id: 'PaymentRefusal' });
export type PaymentRefusal = z.infer<typeof paymentRefusal>;

const money = { amount_cents: amountCents, currency };

/** What the payment service decided about an order, once. */
export const paymentDecision = z
  .object({
    order_id: z.uuid(),
    outcome: z
      .enum(DECISION_OUTCOMES)
      .describe('applied: the money is taken; refused: the provider declined; voided: the payment was undone first.'),
    reason: paymentRefusal.nullable(),
    amount_cents: amountCents.nullable().describe('Null if the payment was undone before a charge was asked for.'),
    currency: currency.nullable(),
    decided_at: timestamp,
    charged_at: timestamp.nullable().describe('When the provider was seen to have charged.'),
    refunded_at: timestamp.nullable().describe('When the provider was seen to have given the money back.'),
  })
  .meta({ id: 'PaymentDecision' });
export type PaymentDecision = z.infer<typeof paymentDecision>;

/**
 * One line of `POST /api/payments/commands`. The protocol is that of `POST /api/inventory/commands`; unknown fields are ignored.
 * While the provider has not said what became of a charge or a refund, the answer is an error, 503 `PAYMENT_PENDING`: ask again.
 */
export const paymentCommand = z
  .discriminatedUnion('op', [
    z.object({ op: z.literal('charge'), order_id: orderId, ...money, token: paymentToken, ...travel }),
    z.object({ op: z.literal('refund'), order_id: orderId, ...travel }),
  ])
  .meta({ id: 'PaymentCommand' });
export type PaymentCommand = z.infer<typeof paymentCommand>;

/** One line of the reply to `POST /api/payments/commands`. */
export const paymentReply = replyOf(paymentDecision, 'PaymentReply');
export type PaymentReply = z.infer<typeof paymentReply>;

/** The state of one payment. */
export const payment = paymentDecision
  .extend({
    outcome: z
      .enum(DECISION_OUTCOMES)
      .nullable()
      .describe('Null while the provider has not said what became of the charge.'),
    decided_at: timestamp.nullable(),
    waits_for: z
      .enum(['charge', 'refund'])
      .nullable()
      .describe('What the provider has not confirmed yet; null when nothing is open.'),
    created_at: timestamp,
  })
  .meta({ id: 'Payment' });
export type Payment = z.infer<typeof payment>;
export const paymentAnswer = z.object({ payment }).meta({ id: 'PaymentAnswer' });

/** The body of `POST /api/payments/{order_id}/adopt`. */
export const adoptBody = z
  .strictObject({
    by: writtenText(100).optional().describe('The operator, for the audit.'),
    reason: writtenText(500).describe('Why, for the audit.'),
  })
  .meta({ id: 'Adopt' });

export const openPayments = z.object({ items: z.array(payment) }).meta({ id: 'OpenPayments' });

export const PAYMENT_TRANSACTION_TYPES = ['charge', 'refund'] as const;
/** An entry of the payment service's ledger. */
export const paymentEntry = z
  .object({
    position: z.string().describe('Pass the last one seen as `after` to continue.'),
    transaction_type: z.enum(PAYMENT_TRANSACTION_TYPES),
    order_id: z.uuid(),
    amount_change: z
      .int()
      .describe('Positive for a charge, negative for a refund, in the smallest unit of the currency.'),
    currency,
    created_at: timestamp,
  })
  .meta({ id: 'PaymentEntry' });
export type PaymentEntry = z.infer<typeof paymentEntry>;

const page = {
  next_cursor: z.string().nullable(),
  settled_to: commitPosition.describe('All entries before this position are committed: no more can appear there.'),
  held_back: z.boolean().describe('True if a running transaction hides the entries of younger ones.'),
};

/** The most orders in one query of the payment ledger. */
export const MAX_ORDERS_PER_PAYMENT_QUERY = 100;

export const paymentLedgerQuery = z.strictObject({
  after: commitPosition.optional(),
  order_id: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(orderId).max(MAX_ORDERS_PER_PAYMENT_QUERY))
    .optional()
    .describe(
      `Orders, at most ${MAX_ORDERS_PER_PAYMENT_QUERY}, separated by commas. Their entries are shown as soon as they are committed.`,
    ),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export type PaymentLedgerQuery = z.infer<typeof paymentLedgerQuery>;

export const paymentLedgerPage = z.object({ items: z.array(paymentEntry), ...page }).meta({ id: 'PaymentLedgerPage' });
export type PaymentLedgerPage = z.infer<typeof paymentLedgerPage>;

/** A difference between the payment service's ledger and the provider's books (I14). */
export const moneyDifference = z
  .object({
    order_id: z.string().describe("The provider's reference; an order of ours if it is one."),
    found_at: timestamp,
    story: z.string().describe('What each side says, in one sentence.'),
  })
  .meta({ id: 'MoneyDifference' });
export type MoneyDifference = z.infer<typeof moneyDifference>;

/** `GET /api/payments/reconciliation`: the ledger compared with the provider's books. */
export const reconciliation = z
  .object({
    verdict: z.enum(['ok', 'violated', 'unknown']),
    detail: z.string().describe('Why, in words.'),
    checked_at: timestamp.nullable(),
    lag_seconds: z.number().nullable().describe('How old the part of both sides is that was not compared yet.'),
    entries_compared: z.int(),
    differences: z.array(moneyDifference).describe('The oldest first, at most 100.'),
  })
  .meta({ id: 'Reconciliation' });
export type Reconciliation = z.infer<typeof reconciliation>;

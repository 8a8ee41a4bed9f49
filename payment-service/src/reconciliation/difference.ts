/** What two sides say about the money of one reference; pure. */
import type { PaymentEntry } from '@valerix/contracts';
import type { Payment } from '../decide-payment.ts';
import type { BookEntry } from '../provider/payment-provider.ts';

/** One entry of either side. */
export interface Side {
  reference: string;
  transaction_type: 'charge' | 'refund';
  /** Not signed. */
  amount_cents: number;
  currency: string;
}

export const sideOf = ({ order_id, transaction_type, amount_change, currency }: PaymentEntry): Side => ({
  reference: order_id,
  transaction_type,
  amount_cents: Math.abs(amount_change),
  currency,
});

/** Two entries with the same key cancel each other out, one on each side. */
export const keyOf = ({ transaction_type, amount_cents, currency }: Side): string =>
  `${transaction_type} of ${amount_cents} ${currency}`;

/**
 * The difference in one sentence (I14), or undefined if both sides say the same, and what the payment allows.
 * @param payment the payment that the order asked for
 */
export function differenceOf(
  payment: Payment | undefined,
  ours: readonly Side[],
  theirs: readonly BookEntry[],
): string | undefined {
  const [mine, others] = [said(ours), said(theirs)];
  if (mine !== others) return `The ledger has ${mine}; the provider's books have ${others}.`;
  if (ours.length > 0 && !payment) return `The ledger has ${mine} for an order without a payment.`;
  for (const type of ['charge', 'refund'] as const) {
    const entries = ours.filter(({ transaction_type }) => transaction_type === type);
    if (entries.length > 1) return `There is more than one ${type}: ${mine}.`;
  }
  const wrong = ours.find((side) => side.amount_cents !== payment?.amount_cents || side.currency !== payment?.currency);
  return wrong && `The order asked for ${payment?.amount_cents} ${payment?.currency}, and there is a ${keyOf(wrong)}.`;
}

const said = (sides: readonly Side[]): string => sides.map(keyOf).sort().join(' and ') || 'nothing';

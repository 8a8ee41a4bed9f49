import type { ProviderState } from '../decide-payment.ts';

/** The provider gave no usable answer: what it did is unknown. */
export class ProviderUnavailable extends Error {
  override name = 'ProviderUnavailable';
}

export interface Money {
  amount_cents: number;
  currency: string;
}

/** What the provider's books say about a reference. */
export interface BookEntry extends Money {
  position: string;
  reference: string;
  transaction_type: 'charge' | 'refund';
  created_at: string;
}

export type WebhookHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * What the payment service asks of a provider. A reference names one payment for ever; ours is the order's id. An adapter keeps these
 * promises, which `test/provider-contract.ts` checks, and the provider's own words end in it:
 *
 * - Of many charges under one reference, however late or repeated, at most one takes money.
 * - After `refund` has resolved, no money is held under the reference, and none can be taken under it any more. That holds for a
 *   reference that the provider had never heard of, too.
 * - `find` tells what became of a charge whose reply was lost.
 * - Each of them rejects with `ProviderUnavailable` when what happened is unknown.
 */
export interface PaymentProvider {
  charge(reference: string, money: Money, token: string): Promise<ProviderState>;
  refund(reference: string): Promise<ProviderState>;
  find(reference: string): Promise<ProviderState>;
  /**
   * The provider's books after a position, `limit` entries unless they end, or the entries of one reference. `0.0` is before the first. The order
   * never changes: an entry is left out until none can come before it.
   */
  books(query: { after: string; limit: number } | { reference: string }): Promise<BookEntry[]>;
  /** True if the provider has signed the webhook, and lately. */
  isGenuine(headers: WebhookHeaders, body: string): boolean;
  /**
   * What a genuine webhook says; undefined if it is about something else. An adapter that must keep something of it returns a promise.
   * @throws {Error} if unreadable
   */
  readWebhook(body: string): WebhookTold | undefined | Promise<WebhookTold | undefined>;
}

interface WebhookTold {
  reference: string;
  state: ProviderState;
}

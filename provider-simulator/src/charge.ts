/** How the simulated provider treats a charge, by its token; pure. */

export type ChargeStatus = 'processing' | 'succeeded' | 'failed' | 'canceled' | 'refunded';

export interface Charge {
  reference: string;
  amount: number;
  currency: string;
  status: ChargeStatus;
  failure_code: string | null;
}

interface Behaviour {
  status: ChargeStatus;
  failureCode?: 'card_declined' | 'insufficient_funds' | 'invalid_source';
  /** What becomes of the reply. */
  reply?: 'late' | 'lost';
  /** The outcome is told by webhook alone, after a while. */
  byWebhook?: true;
}

/** The tokens of tests and game days: each makes one thing happen. */
export const TOKENS = {
  tok_ok: { status: 'succeeded' },
  tok_declined: { status: 'failed', failureCode: 'card_declined' },
  tok_insufficient_funds: { status: 'failed', failureCode: 'insufficient_funds' },
  tok_slow: { status: 'succeeded', reply: 'late' },
  tok_lost_reply: { status: 'succeeded', reply: 'lost' },
  tok_webhook_only: { status: 'processing', byWebhook: true },
  tok_never: { status: 'processing' },
} as const satisfies Record<string, Behaviour>;

/** What happens to a charge with this token; any other token is refused, also one that every object has, such as `constructor`. */
export const behaviourOf = (token: string): Behaviour =>
  Object.hasOwn(TOKENS, token)
    ? TOKENS[token as keyof typeof TOKENS]
    : { status: 'failed', failureCode: 'invalid_source' };

/** The body of the webhook that tells of a charge. */
export const webhookBody = (charge: Charge, at: Date): string =>
  JSON.stringify({ type: `charge.${charge.status}`, timestamp: at.toISOString(), data: charge });

import type { PaymentRefusal } from '@valerix/contracts';
import { createHttpClient } from '@valerix/service-kit/http-client';
import { isSignedWebhook } from '@valerix/service-kit/webhooks';
import { z } from 'zod';
import type { ProviderState } from '../decide-payment.ts';
import { type BookEntry, type PaymentProvider, ProviderUnavailable } from './payment-provider.ts';

export interface SimulatorOptions {
  url: string;
  /** Sent as a bearer token. */
  credential: string;
  /** Signs its webhooks. */
  webhookSecret: string;
  timeoutMs: number;
  /** The most questions at once. */
  connections: number;
}

const charge = z.object({
  reference: z.string(),
  amount: z.int(),
  currency: z.string(),
  status: z.enum(['processing', 'succeeded', 'failed', 'canceled', 'refunded']),
  failure_code: z.string().nullable(),
});
const webhook = z.object({ type: z.string(), data: charge });
const books = z.object({
  items: z.array(
    z.object({
      position: z.string(),
      type: z.enum(['charge', 'refund']),
      reference: z.string(),
      amount: z.int(),
      currency: z.string(),
      created_at: z.string(),
    }),
  ),
});

/** The provider's reasons in our words; any other one is a refusal all the same. */
const REASONS: Readonly<Record<string, PaymentRefusal>> = {
  card_declined: 'CARD_DECLINED',
  insufficient_funds: 'INSUFFICIENT_FUNDS',
};

function stateOf({ status, amount, currency, failure_code }: z.infer<typeof charge>): ProviderState {
  switch (status) {
    case 'processing':
      return { status: 'pending' };
    case 'canceled':
      return { status: 'voided' };
    case 'failed':
      return { status: 'declined', reason: REASONS[failure_code ?? ''] ?? 'PAYMENT_DECLINED' };
    case 'succeeded':
    case 'refunded':
      return { status: status === 'succeeded' ? 'charged' : 'refunded', amount_cents: amount, currency };
  }
}

/** The adapter of provider-simulator. */
export function createSimulatorProvider({ credential, webhookSecret, ...server }: SimulatorOptions): PaymentProvider {
  const send = createHttpClient(server);
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${credential}`,
  };

  /** @returns the body of a success, undefined for 404 @throws {ProviderUnavailable} */
  async function ask<S extends z.ZodType>(method: 'GET' | 'POST', path: string, schema: S, body?: object) {
    try {
      const { status, text } = await send({ method, path, headers, body: body && JSON.stringify(body) });
      if (status === 404) return undefined;
      if (status !== 200) throw new Error(`it answered ${status}`);
      return schema.parse(JSON.parse(text)) as z.infer<S>;
    } catch (error) {
      throw new ProviderUnavailable((error as Error).message || String(error), { cause: error });
    }
  }

  const answer = z.object({ charge });
  const known = (found: z.infer<typeof answer> | undefined): ProviderState =>
    found ? stateOf(found.charge) : { status: 'unknown' };

  return {
    charge: async (reference, { amount_cents: amount, currency }, source) =>
      known(await ask('POST', '/api/charges', answer, { reference, amount, currency, source })),

    refund: async (reference) => known(await ask('POST', `${pathOf(reference)}/refund`, answer)),

    find: async (reference) => known(await ask('GET', pathOf(reference), answer)),

    async books(query) {
      const page = await ask('GET', `/api/books?${new URLSearchParams(asText(query))}`, books);
      if (!page) throw new ProviderUnavailable('it has no books');
      return page.items.map(
        ({ type, amount, ...entry }): BookEntry => ({ ...entry, transaction_type: type, amount_cents: amount }),
      );
    },

    isGenuine: (headers, body) => isSignedWebhook(webhookSecret, headers, body),

    readWebhook(body) {
      const { type, data } = webhook.parse(JSON.parse(body));
      return type.startsWith('charge.') ? { reference: data.reference, state: stateOf(data) } : undefined;
    },
  };
}

/** The provider's books may hold references of others, with characters that mean something in a path. */
const pathOf = (reference: string) => `/api/charges/${encodeURIComponent(reference)}`;

const asText = (query: object): Record<string, string> =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));

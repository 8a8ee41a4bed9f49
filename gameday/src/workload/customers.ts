import { randomBytes } from 'node:crypto';
import { repeat } from '@valerix/service-kit/repeat';
import { closePools, exchange, openPools } from './exchange.ts';
import { indexOf } from './schedule.ts';

/** How often a customer gets a new access token: nearly all of its 15 minutes is left when identity-service goes away. */
const RENEW_MS = 20_000;
const TIMEOUT_MS = 10_000;

export interface Customers {
  /** The headers of the customer who places the order with this key; none for a guest. */
  headersOf(key: string): Record<string, string>;
  stop(): Promise<void>;
}

/** Everybody orders as a guest. */
export const GUESTS: Customers = { headersOf: () => ({}), stop: async () => {} };

interface SignedIn {
  access_token: string;
  refresh_token: string;
}

interface CustomersOptions {
  count: number;
  /** The addresses of identity-service. */
  urls: string[];
  /** The keys of the run, and the emails of its customers, start with it. */
  prefix: string;
}

/**
 * Signs customers up and in, and renews their access tokens as long as identity-service answers. They place orders in turn.
 * @throws Error when one cannot sign in
 */
export async function signInCustomers({ count, urls, prefix }: CustomersOptions): Promise<Customers> {
  if (count === 0) return GUESTS;
  const pools = openPools(urls, 4);
  const post = async (path: string, body: object): Promise<SignedIn | undefined> => {
    const headers = { 'content-type': 'application/json' };
    const sent = { method: 'POST' as const, path: `/api/identity/${path}`, headers, timeoutMs: TIMEOUT_MS };
    const { status, text } = await exchange(pools, 0, { ...sent, body: JSON.stringify(body) });
    return status < 300 && text ? JSON.parse(text) : undefined;
  };

  const customers: SignedIn[] = [];
  for (let n = 0; n < count; n++) {
    const account = { email: `${prefix}-${n}@gameday.example`, password: randomBytes(18).toString('base64url') };
    await post('sign-up', account);
    const signedIn = await post('sign-in', account);
    if (!signedIn) throw new Error(`the customer ${account.email} could not sign in`);
    customers.push(signedIn);
  }
  // Without an answer, the tokens that are known go on.
  const renewing = repeat(RENEW_MS, async () => {
    for (const customer of customers) {
      Object.assign(customer, await post('refresh', { refresh_token: customer.refresh_token }));
    }
  });
  return {
    headersOf(key) {
      const customer = customers[(indexOf(prefix, key) ?? 0) % count] as SignedIn;
      return { authorization: `Bearer ${customer.access_token}` };
    },
    async stop() {
      await renewing.stop();
      await closePools(pools);
    },
  };
}

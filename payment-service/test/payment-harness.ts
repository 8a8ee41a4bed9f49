import { randomUUID } from 'node:crypto';
import type { PaymentReply } from '@valerix/contracts';
import { freshDatabase, freshRedis } from '@valerix/local-stack/testing';
import pg from 'pg';
import { inject } from 'vitest';
import { ask, post } from '../../test/support/http.ts';
import { asCaller, startService, TOKEN } from '../../test/support/service-process.ts';

const asOrderService = asCaller('ORDER_TO_PAYMENT_CREDENTIAL');

/** A real process over a database of the test's own. */
async function startOver(key: 'payment' | 'provider', folder: string, env: Record<string, string>) {
  const database = await freshDatabase(inject('postgresUrl'), `${key}_template`);
  const settings = { DATABASE_URL: database.url, REDIS_URL: await freshRedis(inject('redisUrl')), ...env };
  const service = await startService(folder, settings);
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  // A connection that the server ends while the test clears up is no failure of the test.
  pool.on('error', () => {});
  const replicas = [service];
  return {
    url: service.url,
    service,
    async startReplica(more: Record<string, string> = {}) {
      const replica = await startService(folder, { ...settings, ...more });
      replicas.push(replica);
      return replica;
    },
    async rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
      return (await pool.query<T>(sql, values)).rows;
    },
    async stop() {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await pool.end();
      await database.drop();
    },
  };
}

/** The provider, which sends no webhook unless a test wants some. */
export const startProvider = (env: Record<string, string> = {}) =>
  startOver('provider', 'provider-simulator', {
    WEBHOOK_PERCENTAGE: '0',
    WEBHOOK_DELAY_MS: '0',
    SEND_INTERVAL_MS: '20',
    LATE_MS: '100',
    ...env,
  });

/** The real payment-service. */
export async function startPaymentService(providerUrl: string, env: Record<string, string> = {}) {
  const house = await startOver('payment', 'payment-service', {
    PROVIDER_URL: providerUrl,
    PROVIDER_TIMEOUT_MS: '1000',
    SWEEP_INTERVAL_MS: '50',
    RECONCILE_INTERVAL_MS: '50',
    RECONCILE_GRACE_MS: '300',
    ...env,
  });
  return {
    ...house,
    /** Sends commands in one request. @returns the replies by the number of the line they answer */
    async commands(list: object[], url = house.url): Promise<PaymentReply[]> {
      const { text } = await ask(`${url}/api/payments/commands`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-ndjson', ...asOrderService },
        body: list
          .map((line) => JSON.stringify({ attempt: 1, request_id: 'r', deadline_ms: 5_000, ...line }))
          .join('\n'),
      });
      const replies = text.split('\n').filter((line) => line !== '');
      return replies.map((line) => JSON.parse(line) as PaymentReply).sort((a, b) => a.index - b.index);
    },
    payment: async (orderId: string) => (await ask(`${house.url}/api/payments/${orderId}`, operator)).body?.payment,
    ledger: (orderId: string): Promise<{ transaction_type: string; amount_change: number }[]> =>
      house.rows(
        'SELECT transaction_type, amount_change::int FROM payment_transactions WHERE order_id = $1 ORDER BY seq',
        [orderId],
      ),
    reconciliation: async () => (await ask(`${house.url}/api/payments/reconciliation`, operator)).body,
    reconcile: async () => (await post(`${house.url}/api/payments/reconcile`, {}, operator.headers)).body,
  };
}

export const operator = { headers: { Authorization: `Bearer ${TOKEN}` } };
export type PaymentHarness = Awaited<ReturnType<typeof startPaymentService>>;
export type ProviderHarness = Awaited<ReturnType<typeof startProvider>>;

export const AMOUNT = { amount_cents: 49_999, currency: 'EUR' };
export const charge = (order_id: string = randomUUID(), token = 'tok_ok', more: object = {}) => ({
  op: 'charge' as const,
  order_id,
  token,
  ...AMOUNT,
  ...more,
});
export const refund = (order_id: string, more: object = {}) => ({ op: 'refund' as const, order_id, ...more });

/** The decision of the only reply; fails for an error. */
export function decisionOf([reply]: PaymentReply[]) {
  if (!reply || !('decision' in reply)) throw new Error(`no decision: ${JSON.stringify(reply)}`);
  return reply.decision;
}

/** The error of the only reply. */
export const errorOf = ([reply]: PaymentReply[]) => (reply && 'error' in reply ? reply.error : undefined);

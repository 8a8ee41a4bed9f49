import { orderId } from '@valerix/contracts';
import type { Logger } from '@valerix/service-kit/logger';
import { isSignedWebhook } from '@valerix/service-kit/webhooks';
import type { BookTold } from './ask-provider.ts';
import { problem } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { PaymentProvider } from './provider/payment-provider.ts';

export interface TakeWebhookDeps {
  provider: Pick<PaymentProvider, 'readWebhook'>;
  bookTold: BookTold;
  secret: string;
  metrics: Metrics;
  logger: Logger;
}

export type TakeWebhook = (headers: Record<string, string | string[] | undefined>, body: unknown) => Promise<void>;

/**
 * Books what the provider tells by webhook. It may come late, twice, or after what it precedes: the rules of the ledger make any order of
 * them the same, so that no list of seen webhooks is kept.
 * @throws WEBHOOK_REFUSED
 */
export function createTakeWebhook({ provider, bookTold, secret, metrics, logger }: TakeWebhookDeps): TakeWebhook {
  return async function takeWebhook(headers, body) {
    if (typeof body !== 'string' || !isSignedWebhook(secret, headers, body)) {
      metrics.webhooks.inc({ result: 'refused' });
      throw problem('WEBHOOK_REFUSED', 'The signature or the timestamp is not right.');
    }
    const told = read(body);
    const about = orderId.safeParse(told?.reference);
    const payment = told && about.success && (await bookTold({ order_id: about.data, told: told.state }));
    metrics.webhooks.inc({ result: payment ? 'taken' : 'about nothing' });
    if (!payment) logger.warn({ reference: told?.reference }, 'a webhook is about no payment of this service');
  };

  function read(body: string) {
    try {
      return provider.readWebhook(body);
    } catch (error) {
      throw problem('VALIDATION_FAILED', 'The webhook could not be read.', { cause: error });
    }
  }
}

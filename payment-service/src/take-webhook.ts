import { orderId } from '@valerix/contracts';
import type { Logger } from '@valerix/service-kit/logger';
import type { BookTold } from './ask-provider.ts';
import { problem } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { PaymentProvider, WebhookHeaders } from './provider/payment-provider.ts';

export interface TakeWebhookDeps {
  provider: Pick<PaymentProvider, 'isGenuine' | 'readWebhook'>;
  bookTold: BookTold;
  metrics: Metrics;
  logger: Logger;
}

export type TakeWebhook = (headers: WebhookHeaders, body: unknown) => Promise<void>;

/**
 * Books what a webhook reports. Webhooks come late, twice and out of order; the rules of the ledger reach the same state in any order,
 * so no list of seen webhooks is kept.
 * @throws WEBHOOK_REFUSED
 */
export function createTakeWebhook({ provider, bookTold, metrics, logger }: TakeWebhookDeps): TakeWebhook {
  return async function takeWebhook(headers, body) {
    if (typeof body !== 'string' || !provider.isGenuine(headers, body)) {
      metrics.webhooks.inc({ result: 'refused' });
      throw problem('WEBHOOK_REFUSED', 'The signature or the timestamp is not right.');
    }
    const told = await read(body);
    const about = orderId.safeParse(told?.reference);
    const payment = told && about.success && (await bookTold({ order_id: about.data, told: told.state }));
    metrics.webhooks.inc({ result: payment ? 'taken' : 'about nothing' });
    if (!payment) logger.warn({ reference: told?.reference }, 'a webhook is about no payment of this service');
  };

  async function read(body: string) {
    try {
      return await provider.readWebhook(body);
    } catch (error) {
      throw problem('VALIDATION_FAILED', 'The webhook could not be read.', { cause: error });
    }
  }
}

import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import { signWebhook } from '@valerix/service-kit/webhooks';
import { request } from 'undici';
import type { ProviderStore, Webhook } from './provider-store.ts';
import type { TakeCharges } from './take-charges.ts';

const TIMEOUT_MS = 2_000;
const AT_ONCE = 64;

export interface SendWebhooksDeps {
  store: Pick<ProviderStore, 'claimWebhooks' | 'delivered'>;
  charges: Pick<TakeCharges, 'succeedLate' | 'later'>;
  logger: Logger;
  intervalMs: number;
}

/** Sends one webhook. @throws if it was not taken */
export type SendWebhook = (webhook: Webhook) => Promise<void>;

/** Sends webhooks that are due, until each was taken. */
export function sendWebhooks({ store, charges, logger, intervalMs }: SendWebhooksDeps, send: SendWebhook) {
  async function deliver(webhook: Webhook): Promise<void> {
    try {
      await send(webhook);
      await store.delivered(webhook, charges.later());
    } catch (error) {
      logger.debug({ err: error, reference: webhook.reference }, 'a webhook was not taken; it is sent again');
    }
  }

  return repeat(intervalMs, async () => {
    try {
      await charges.succeedLate();
      for (;;) {
        const due = await store.claimWebhooks(AT_ONCE, TIMEOUT_MS);
        await Promise.all(due.map(deliver));
        if (due.length < AT_ONCE) return;
      }
    } catch (error) {
      logger.warn({ err: error }, 'webhooks could not be sent; they will be');
    }
  });
}

/** Signs a webhook with the secret, and posts it. Without an address, none is sent. */
export const createSendWebhook =
  (url: string | undefined, secret: string): SendWebhook =>
  async ({ id, body }) => {
    if (url === undefined) throw new Error('PAYMENT_URL is not set');
    const headers = { 'content-type': 'application/json', ...signWebhook(secret, id, body) };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await request(`${url}/api/payments/webhooks`, { method: 'POST', headers, body, signal });
    await response.body.dump();
    if (response.statusCode >= 300) throw new Error(`it answered ${response.statusCode}`);
  };

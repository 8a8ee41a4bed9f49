import { createHttpClient } from '@valerix/service-kit/http-client';
import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import { signWebhook } from '@valerix/service-kit/webhooks';
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
  /** @returns true if it was taken */
  async function deliver(webhook: Webhook): Promise<boolean> {
    try {
      await send(webhook);
      return true;
    } catch (error) {
      logger.debug({ err: error, reference: webhook.reference }, 'a webhook was not taken; it is sent again');
      return false;
    }
  }

  return repeat(intervalMs, async (stopped) => {
    try {
      await charges.succeedLate();
      while (!stopped.aborted) {
        const due = await store.claimWebhooks(AT_ONCE, TIMEOUT_MS);
        const taken = await Promise.all(due.map(deliver));
        const delivered = due.filter((_, n) => taken[n]);
        if (delivered.length > 0) await store.delivered(delivered, charges.later());
        if (due.length < AT_ONCE) return;
      }
    } catch (error) {
      logger.warn({ err: error }, 'webhooks could not be sent; they will be');
    }
  });
}

/** Signs a webhook with the secret, and posts it. Without an address, none is sent. */
export function createSendWebhook(url: string | undefined, secret: string): SendWebhook {
  if (url === undefined) return () => Promise.reject(new Error('PAYMENT_URL is not set'));
  const post = createHttpClient({ url, timeoutMs: TIMEOUT_MS, connections: AT_ONCE });
  return async ({ id, body }) => {
    const headers = { 'content-type': 'application/json', ...signWebhook(secret, id, body) };
    const { status } = await post({ method: 'POST', path: '/api/payments/webhooks', headers, body });
    if (status >= 300) throw new Error(`it answered ${status}`);
  };
}

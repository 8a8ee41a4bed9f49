import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import type { AskProvider } from './ask-provider.ts';
import type { Payment } from './decide-payment.ts';
import type { PaymentStore } from './payment-store.ts';

export interface SettlerOptions {
  store: Pick<PaymentStore, 'claim'>;
  askProvider: AskProvider;
  logger: Logger;
  sweepIntervalMs: number;
  /** The most payments to claim at once. */
  maxBatch: number;
}

/**
 * The worker. It finishes the payments that no request finished: whose process died, whose provider did not answer, or whose money must
 * go back. Any replica can repeat every step at any time: the claim is a lease, and the provider is asked by reference.
 */
export function createSettler({ store, askProvider, logger, sweepIntervalMs, maxBatch }: SettlerOptions) {
  // One while the provider does not answer, so that an outage is probed and not hammered.
  let window = maxBatch;

  async function settleOne(payment: Payment): Promise<void> {
    await askProvider(payment, true);
  }

  /** @returns true if there may be more to settle at once */
  async function settleBatch(): Promise<boolean> {
    const claimed = await store.claim(window);
    const results = await Promise.allSettled(claimed.map(settleOne));
    const failed = results.filter((result) => result.status === 'rejected');
    if (failed[0]) logger.warn({ err: failed[0].reason, payments: failed.length }, 'payments could not be settled');
    const answering = failed.length < claimed.length;
    if (claimed.length > 0) window = answering ? Math.min(maxBatch, window * 2) : 1;
    return answering;
  }

  return repeat(sweepIntervalMs, async (stopped) => {
    try {
      while (!stopped.aborted && (await settleBatch()));
    } catch (error) {
      logger.warn({ err: error }, 'the sweep failed; it will be tried again');
    }
  });
}

import type { Logger } from '@valerix/service-kit/logger';
import { OverlappingBatches } from '@valerix/service-kit/overlapping-batches';
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
  const batches = new OverlappingBatches(maxBatch);

  /** @returns true if there may be more to settle at once */
  async function settleBatch(stopped: AbortSignal): Promise<boolean> {
    const done = await batches.begin({
      claim: async (free) => (stopped.aborted ? [] : store.claim(Math.min(window, free))),
      work: (payment) => askProvider(payment, true),
      isDone: () => true,
      finish,
    });
    return done > 0;
  }

  async function finish(results: PromiseSettledResult<Payment>[]): Promise<void> {
    const failed = results.filter((result) => result.status === 'rejected');
    if (failed[0]) logger.warn({ err: failed[0].reason, payments: failed.length }, 'payments could not be settled');
    window = failed.length < results.length ? Math.min(maxBatch, window * 2) : 1;
  }

  const sweeping = repeat(sweepIntervalMs, async (stopped) => {
    try {
      while (!stopped.aborted && (await settleBatch(stopped)));
    } catch (error) {
      logger.warn({ err: error }, 'the sweep failed; it will be tried again');
    }
  });
  return {
    /** Waits for the payments under way. */
    async stop(): Promise<void> {
      await sweeping.stop();
      await batches.finished();
    },
  };
}

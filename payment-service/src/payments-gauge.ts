import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import type { Metrics } from './metrics.ts';
import type { PaymentReadsStore } from './payment-reads-store.ts';

const INTERVAL_MS = 1_000;
/** Counting is bounded; more are shown as this many. */
const COUNT_LIMIT = 10_000;

/** Publishes how many payments wait for the provider, how much money that is, and for how long. */
export function watchPayments(deps: { reads: Pick<PaymentReadsStore, 'countOpen'>; metrics: Metrics; logger: Logger }) {
  const { open, openCents, openAge } = deps.metrics;
  return repeat(INTERVAL_MS, async () => {
    try {
      const counted = await deps.reads.countOpen(COUNT_LIMIT);
      for (const waits_for of ['charge', 'refund'] as const) {
        const found = counted.find((one) => one.waits_for === waits_for);
        open.set({ waits_for }, found?.payments ?? 0);
        openCents.set({ waits_for }, found?.amount_cents ?? 0);
        openAge.set({ waits_for }, found?.oldest_seconds ?? 0);
      }
    } catch (error) {
      // Keep the last numbers: without them, an alert about stuck payments would end because the database is away.
      deps.logger.debug({ err: error }, 'the open payments could not be counted');
    }
  });
}

import { DECISION_OUTCOMES } from '@valerix/contracts';
import {
  BATCH_BUCKETS,
  counter,
  fromZero,
  gauge,
  histogram,
  type Registry,
  sampledGauge,
} from '@valerix/service-kit/metrics';
import type { PaymentMovement } from './decide-payment.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** The metrics of this service, beside those of every service. */
export function createMetrics(registry: Registry) {
  const decisions = counter(registry, 'payment_decisions_total', 'Commands answered, by outcome.', ['outcome']);
  const transactions = counter(registry, 'payment_transactions_total', 'Ledger entries written.', ['type']);
  const cents = counter(
    registry,
    'payment_amount_cents_total',
    'Money in ledger entries, in the smallest unit of its currency: charges minus refunds are the revenue.',
    ['type', 'currency'],
  );
  const webhooks = counter(registry, 'payment_webhooks_total', 'Webhooks of the provider, by result.', ['result']);
  fromZero(transactions, 'type', ['charge', 'refund']);
  return {
    decisions: fromZero(decisions, 'outcome', DECISION_OUTCOMES),
    webhooks: fromZero(webhooks, 'result', ['taken', 'about nothing', 'refused']),
    batchSize: histogram(registry, 'payment_batch_size', 'Commands decided in one transaction.', [], BATCH_BUCKETS),
    expired: counter(registry, 'payment_expired_total', "Commands refused because the caller's deadline had passed."),
    providerSeconds: histogram(
      registry,
      'payment_provider_seconds',
      'Duration of a question to the provider in seconds. With the outcome no-answer it is unknown what the provider did.',
      ['operation', 'outcome'],
    ),
    open: gauge(registry, 'payments_open', 'Payments that wait for the provider.', ['waits_for']),
    openCents: gauge(registry, 'payments_open_cents', 'Money in payments that wait for the provider.', ['waits_for']),
    openAge: gauge(registry, 'payments_open_oldest_age_seconds', 'Age of the oldest payment that waits.', [
      'waits_for',
    ]),
    integrityViolations: gauge(
      registry,
      'valerix_integrity_violations',
      "Open differences between the payment ledger and the provider's books (I14).",
      ['invariant'],
    ),

    differences: gauge(
      registry,
      'payment_reconciliation_differences',
      "References for which the ledger and the provider's books say different things.",
    ),

    /** Counts a ledger entry. */
    booked({ transaction_type: type, amount_change, currency }: PaymentMovement): void {
      transactions.inc({ type });
      cents.inc({ type, currency }, Math.abs(amount_change));
    },

    watchBulkhead(inUse: () => number, limit: number): void {
      sampledGauge(registry, 'payment_bulkhead_in_use', 'Payments that wait for an answer of the provider now.', inUse);
      gauge(registry, 'payment_bulkhead_limit', 'The most payments that may wait at once.').set(limit);
    },

    watchReconciliation(lagSeconds: () => number): void {
      sampledGauge(
        registry,
        'payment_reconciliation_lag_seconds',
        "How far behind the comparison of the ledger with the provider's books is.",
        lagSeconds,
      );
    },
  };
}

/** Fills a registry with every metric of this service, for the catalogue in `monitoring/`. */
export function everyMetric(registry: Registry): void {
  const metrics = createMetrics(registry);
  metrics.watchBulkhead(() => 0, 0);
  metrics.watchReconciliation(() => 0);
}

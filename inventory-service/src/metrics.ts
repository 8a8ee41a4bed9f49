import {
  alsoNamed,
  BATCH_BUCKETS,
  counter,
  fromZero,
  gauge,
  histogram,
  type Registry,
} from '@valerix/service-kit/metrics';

export type Metrics = ReturnType<typeof createMetrics>;

/** The metrics of this service, beside those of every service. */
export function createMetrics(registry: Registry) {
  const transactions = counter(registry, 'inventory_transactions_total', 'Ledger entries written.', ['type']);
  const decisions = counter(registry, 'inventory_decisions_total', 'Commands answered, by outcome.', ['outcome']);
  return {
    transactions: fromZero(transactions, 'type', ['seed', 'deduct', 'release', 'restock']),
    decisions: fromZero(decisions, 'outcome', ['applied', 'refused', 'voided']),
    batchSize: histogram(registry, 'inventory_batch_size', 'Commands decided in one transaction.', [], BATCH_BUCKETS),
    expired: counter(registry, 'inventory_expired_total', "Commands refused because the caller's deadline had passed."),
    stockLevel: gauge(
      registry,
      'inventory_stock_level',
      'Units on hand; of a large catalogue, the 50 items that sold out last and the 50 with the fewest units left.',
      ['item_id'],
    ),
  };
}

/** Also exports the metrics of chaos under their older names, which only this service has. */
export function keepChaosNames(registry: Registry): void {
  for (const name of ['chaos_enabled', 'chaos_events_total']) alsoNamed(registry, name, `inventory_${name}`);
}

/** Fills a registry with every metric of this service, for the catalogue in `monitoring/`. */
export function everyMetric(registry: Registry): void {
  createMetrics(registry);
  keepChaosNames(registry);
}

import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import type { Metrics } from './metrics.ts';
import type { StockReadsStore } from './stock-reads-store.ts';

/** Updates `inventory_stock_level` every `intervalMs`, so that a scrape never waits for the database. */
export function watchStock(deps: {
  reads: Pick<StockReadsStore, 'listItems'>;
  metrics: Metrics;
  logger: Logger;
  intervalMs: number;
}) {
  return repeat(deps.intervalMs, async () => {
    try {
      for (const item of await deps.reads.listItems())
        deps.metrics.stockLevel.set({ item_id: item.item_id }, item.quantity);
    } catch (error) {
      // Publish no number rather than an old one.
      deps.metrics.stockLevel.reset();
      deps.logger.debug({ err: error }, 'the stock could not be read for the metrics');
    }
  });
}

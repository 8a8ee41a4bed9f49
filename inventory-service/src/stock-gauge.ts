import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import type { InventoryStore } from './inventory-store.ts';
import type { Metrics } from './metrics.ts';

/** Updates `inventory_stock_level` every `intervalMs`, so that a scrape never waits for the database. */
export function watchStock(deps: {
  store: Pick<InventoryStore, 'listItems'>;
  metrics: Metrics;
  logger: Logger;
  intervalMs: number;
}) {
  return repeat(deps.intervalMs, async () => {
    try {
      for (const item of await deps.store.listItems())
        deps.metrics.stockLevel.set({ item_id: item.item_id }, item.quantity);
      deps.metrics.databaseUp.set(1);
    } catch (error) {
      deps.metrics.databaseUp.set(0);
      // Publish no number rather than an old one.
      deps.metrics.stockLevel.reset();
      deps.logger.debug({ err: error }, 'the stock could not be read for the metrics');
    }
  });
}

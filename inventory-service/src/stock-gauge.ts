import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import type { Metrics } from './metrics.ts';
import type { StockReadsStore } from './stock-reads-store.ts';

/**
 * Of a large catalogue only so many items are exported that sold out last, and as many with the fewest units left: those are the
 * ones an alert is about, and Prometheus keeps a series for each item it ever saw.
 */
const SHOWN_EACH = 50;
/** After reading a large catalogue, it rests this many times as long as the read took, at most ten intervals. */
const REST = 20;

/** Updates `inventory_stock_level` every `intervalMs`, so that a scrape never waits for the database. */
export function watchStock(deps: {
  reads: Pick<StockReadsStore, 'scarceItems'>;
  metrics: Metrics;
  logger: Logger;
  intervalMs: number;
}) {
  const { stockLevel } = deps.metrics;
  let restsUntil = 0;
  return repeat(deps.intervalMs, async () => {
    const started = performance.now();
    if (started < restsUntil) return;
    try {
      const items = await deps.reads.scarceItems(SHOWN_EACH);
      restsUntil = started + Math.min(REST * (performance.now() - started), 10 * deps.intervalMs);
      // In one turn of the event loop: no scrape sees a part of them.
      stockLevel.reset();
      for (const { item_id, quantity } of items) stockLevel.set({ item_id }, quantity);
    } catch (error) {
      // Publish no number rather than an old one.
      stockLevel.reset();
      deps.logger.debug({ err: error }, 'the stock could not be read for the metrics');
    }
  });
}

import { createLogger } from '@valerix/service-kit/logger';
import { createRegistry } from '@valerix/service-kit/metrics';
import { expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { createMetrics } from '../src/metrics.ts';
import { watchStock } from '../src/stock-gauge.ts';

it('tells no old stock while the database is away', async () => {
  const registry = createRegistry();
  let away = false;
  const scarceItems = async () => {
    if (away) throw new Error('connect ECONNREFUSED');
    return [{ item_id: 'ps5', quantity: 7 }];
  };
  const logger = createLogger({ service: 'inventory-service', replica: 'test', level: 'fatal' });
  const watch = watchStock({ reads: { scarceItems }, metrics: createMetrics(registry), logger, intervalMs: 5 });
  try {
    await eventually(async () => expect(await registry.metrics()).toContain('inventory_stock_level{item_id="ps5"} 7'));
    away = true;
    await eventually(async () => expect(await registry.metrics()).not.toContain('inventory_stock_level{'));
  } finally {
    await watch.stop();
  }
});

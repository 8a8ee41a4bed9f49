import { MAX_COMMAND_BYTES, MAX_COMMANDS_PER_REQUEST } from '@valerix/contracts';
import { jsonBody, ndjsonBody } from '@valerix/service-kit/body';
import { admitReaders } from '@valerix/service-kit/gate';
import { allowToGo } from '@valerix/service-kit/retention/period-store';
import { startService } from '@valerix/service-kit/service';
import { createServiceApp } from '@valerix/service-kit/service-app';
import { READ_ROUTES } from './admission.ts';
import { createCatalogueStore } from './catalogue-store.ts';
import { beforeCommitFaults, withCommandFaults, withDecisionFaults } from './chaos/chaos-wiring.ts';
import type { readConfig } from './config.ts';
import { createDecideOrder } from './decide-orders.ts';
import { dropHistory } from './drop-history-store.ts';
import { translateError } from './errors.ts';
import { createInventoryStore } from './inventory-store.ts';
import { createLedgerStore } from './ledger-store.ts';
import { createManageCatalogue } from './manage-catalogue.ts';
import { createMetrics, keepChaosNames } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { createReadInventory } from './read-inventory.ts';
import { createRestockItem } from './restock-item.ts';
import { createRoutes } from './routes.ts';
import { watchStock } from './stock-gauge.ts';
import { createStockReadsStore } from './stock-reads-store.ts';

/**
 * Builds the inventory service from its parts, and starts it; resolves when it is ready. `main.ts` runs it as a process of its own, the
 * simulation runs several in one process (ADR 37).
 * @throws {ConfigError} naming each secret that is missing
 */
export async function startInventoryService(config: ReturnType<typeof readConfig>): Promise<void> {
  const service = await startService({
    key: 'inventory',
    config,
    tables: ['inventory', 'inventory_transactions', 'inventory_decisions', 'inventory_added'],
  });
  const { logger, lifecycle, registry, injector, workPool, readPool, watchPool, operator, callers, insiders } = service;
  const metrics = createMetrics(registry);
  if (injector) keepChaosNames(registry);

  const store = createInventoryStore({
    pool: workPool,
    now: service.database.now,
    beforeCommit: beforeCommitFaults(injector),
  });
  const ledger = createLedgerStore(readPool);
  const { MAX_BATCH: maxBatch, MAX_WAITING: maxWaiting } = config;
  const decideOrder = withDecisionFaults(injector, createDecideOrder({ store, metrics, maxBatch, maxWaiting }));
  const restockItem = createRestockItem({ store, reads: createStockReadsStore(workPool), metrics });
  const stockGauge = watchStock({
    reads: createStockReadsStore(watchPool),
    metrics,
    logger,
    intervalMs: config.STOCK_METRIC_INTERVAL_MS,
  });

  const commands = '/api/inventory/commands';
  const app = createServiceApp(service, {
    checks: service.checks,
    openApi: openApiDocument,
    bodies: { [commands]: ndjsonBody(MAX_COMMANDS_PER_REQUEST * MAX_COMMAND_BYTES), '/': jsonBody('64kb') },
    hitByPiece: [commands],
    admission: admitReaders(READ_ROUTES, service.readGate()),
    routes: createRoutes({
      decideOrder,
      decideCommand: withCommandFaults(injector, decideOrder),
      restockItem,
      manageCatalogue: createManageCatalogue({ store: createCatalogueStore(workPool), metrics }),
      readInventory: createReadInventory({ reads: createStockReadsStore(readPool), ledger }),
      mayForget: (ordersBefore) => allowToGo(workPool, ordersBefore),
      operator,
      callers,
      insiders,
    }),
    translateError,
  });

  // Stopped in this order.
  await service.listen(app);
  lifecycle.onStop('stock gauge', () => stockGauge.stop());
  service.retain(dropHistory);
  // `service.ready()` adds the last steps, the same in every service: chaos, Redis, the database pool.

  service.ready();
}

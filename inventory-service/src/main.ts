import { MAX_COMMAND_BYTES, MAX_COMMANDS_PER_REQUEST } from '@valerix/contracts';
import { jsonBody, ndjsonBody } from '@valerix/service-kit/body';
import { createPool } from '@valerix/service-kit/postgres';
import { startService } from '@valerix/service-kit/service';
import { createServiceApp } from '@valerix/service-kit/service-app';
import { chaosRoutes } from './chaos/chaos-routes.ts';
import { createChaosStore } from './chaos/chaos-store.ts';
import { beforeCommitFaults, withCommandFaults, withDecisionFaults } from './chaos/chaos-wiring.ts';
import { keepHalt } from './chaos/halt-keeper.ts';
import { createManageChaos } from './chaos/manage-chaos.ts';
import { createReadChaos } from './chaos/read-chaos.ts';
import { readConfig } from './config.ts';
import { createDecideOrder } from './decide-orders.ts';
import { translateError } from './errors.ts';
import { createInventoryStore } from './inventory-store.ts';
import { createLedgerStore } from './ledger-store.ts';
import { createMetrics, keepChaosNames } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { createReadInventory } from './read-inventory.ts';
import { createRestockItem } from './restock-item.ts';
import { createRoutes } from './routes.ts';
import { watchStock } from './stock-gauge.ts';

const config = readConfig();
const service = startService({
  key: 'inventory',
  config,
  tables: ['inventory', 'inventory_transactions', 'inventory_decisions', 'chaos_halt'],
});
const { logger, lifecycle, registry, chaos, injector, workPool, operator } = service;
const metrics = createMetrics(registry);
keepChaosNames(registry);

// Like readiness, the switch of chaos works through a pool that no fault reaches.
const chaosPool = createPool({ url: config.DATABASE_URL, service: `${service.name} chaos`, max: 2, logger });
const chaosStore = createChaosStore(chaosPool);
const haltKeeper = keepHalt({ store: chaosStore, chaos, logger, intervalMs: config.HALT_CHECK_INTERVAL_MS });

const store = createInventoryStore({ pool: workPool, beforeCommit: beforeCommitFaults(injector) });
const ledger = createLedgerStore(workPool);
const { MAX_BATCH: maxBatch, MAX_WAITING: maxWaiting } = config;
const decideOrder = withDecisionFaults(injector, createDecideOrder({ store, metrics, maxBatch, maxWaiting }));
const restockItem = createRestockItem({ store, metrics });
const stockGauge = watchStock({ store, metrics, logger, intervalMs: config.STOCK_METRIC_INTERVAL_MS });

const commands = '/api/inventory/commands';
const app = createServiceApp(service, {
  checks: service.checks,
  openApi: openApiDocument,
  bodies: { [commands]: ndjsonBody(MAX_COMMANDS_PER_REQUEST * MAX_COMMAND_BYTES), '/': jsonBody('64kb') },
  faults: { injector, hitByPiece: [commands] },
  routes: createRoutes({
    decideOrder,
    decideCommand: withCommandFaults(injector, decideOrder),
    restockItem,
    readInventory: createReadInventory({ store, ledger }),
    operator,
    chaosAdmin: chaosRoutes({
      manageChaos: createManageChaos({ store: chaosStore, chaos }),
      readChaos: createReadChaos({ store: chaosStore, chaos }),
      operator,
    }),
  }),
  translateError,
});

// Stopped in this order.
await service.listen(app);
lifecycle.onStop('stock gauge', () => stockGauge.stop());
lifecycle.onStop('halt keeper', () => haltKeeper.stop());
lifecycle.onStop('chaos pool', () => chaosPool.end());
// Last, what every service stands on: chaos, Redis, the database pool. `service.ready()` adds them.

service.ready();

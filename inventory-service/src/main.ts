import { createServer } from 'node:http';
import { createChaos } from '@valerix/service-kit/chaos/chaos';
import { withPostgresFaults } from '@valerix/service-kit/chaos/dependency-postgres';
import { withRedisFaults } from '@valerix/service-kit/chaos/dependency-redis';
import { inboundFaults } from '@valerix/service-kit/chaos/inbound';
import { postgresCheck, redisCheck } from '@valerix/service-kit/health';
import { Lifecycle } from '@valerix/service-kit/lifecycle';
import { createLogger } from '@valerix/service-kit/logger';
import { createRegistry } from '@valerix/service-kit/metrics';
import { requireOperator } from '@valerix/service-kit/operator-auth';
import { createPool, poolMetrics } from '@valerix/service-kit/postgres';
import { createRedis, redisMetrics } from '@valerix/service-kit/redis';
import { createApp } from './app.ts';
import { chaosRoutes } from './chaos/chaos-routes.ts';
import { createChaosStore } from './chaos/chaos-store.ts';
import { beforeCommitFaults, failpoints, withCommandFaults, withDecisionFaults } from './chaos/chaos-wiring.ts';
import { keepHalt } from './chaos/halt-keeper.ts';
import { createManageChaos } from './chaos/manage-chaos.ts';
import { createReadChaos } from './chaos/read-chaos.ts';
import { readConfig } from './config.ts';
import { createDecideOrder } from './decide-orders.ts';
import { createInventoryStore } from './inventory-store.ts';
import { createLedgerStore } from './ledger-store.ts';
import { createMetrics, keepChaosNames } from './metrics.ts';
import { createReadInventory } from './read-inventory.ts';
import { createRestockItem } from './restock-item.ts';
import { watchStock } from './stock-gauge.ts';

const service = 'inventory-service';
const config = readConfig();
const logger = createLogger({ service, replica: config.REPLICA, level: config.LOG_LEVEL });
const lifecycle = new Lifecycle({ logger, graceMs: config.SHUTDOWN_GRACE_MS, delayMs: config.SHUTDOWN_DELAY_MS });
lifecycle.handleSignals();

const registry = createRegistry();
const metrics = createMetrics(registry);
const pool = createPool({ url: config.DATABASE_URL, service, max: config.DATABASE_POOL_MAX, logger });
poolMetrics(registry, pool, config.DATABASE_POOL_MAX);
const redis = createRedis(config.REDIS_URL, logger);
redisMetrics(registry, redis);

const chaos = createChaos({
  service,
  replica: config.REPLICA,
  failpoints,
  redisUrl: config.REDIS_URL,
  registry,
  logger,
});
keepChaosNames(registry);
const { injector } = chaos;
// The service works through a pool that faults can reach; readiness and the switch of chaos do not.
const workPool = withPostgresFaults(pool, injector);
const chaosPool = createPool({ url: config.DATABASE_URL, service: `${service} chaos`, max: 2, logger });
const chaosStore = createChaosStore(chaosPool);
const haltKeeper = keepHalt({ store: chaosStore, chaos, logger, intervalMs: config.HALT_CHECK_INTERVAL_MS });

const store = createInventoryStore({ pool: workPool, beforeCommit: beforeCommitFaults(injector) });
const ledger = createLedgerStore(workPool);
const { MAX_BATCH: maxBatch, MAX_WAITING: maxWaiting } = config;
const decideOrder = withDecisionFaults(injector, createDecideOrder({ store, metrics, maxBatch, maxWaiting }));
const restockItem = createRestockItem({ store, metrics });
const stockGauge = watchStock({ store, metrics, logger, intervalMs: config.STOCK_METRIC_INTERVAL_MS });

const operator = requireOperator(config.OPERATOR_TOKEN);
const postgres = postgresCheck(pool, ['inventory', 'inventory_transactions', 'inventory_decisions', 'chaos_halt']);
const app = createApp({
  health: {
    service,
    version: '0.1.0',
    lifecycle,
    registry,
    ready: { postgres },
    health: { postgres, redis: redisCheck(withRedisFaults(redis, injector)) },
  },
  logger,
  inboundFaults: inboundFaults(injector, { exempt: ['/api/admin', '/api/inventory/commands'] }),
  routes: {
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
  },
});

await chaos.sync.start();

await lifecycle.listen(createServer(app), config.PORT, config.HOST);
lifecycle.onStop('stock gauge', () => stockGauge.stop());
lifecycle.onStop('halt keeper', () => haltKeeper.stop());
lifecycle.onStop('chaos', () => chaos.sync.stop());
lifecycle.onStop('redis', () => redis.disconnect());
lifecycle.onStop('database pools', () => Promise.all([pool.end(), chaosPool.end()]));
lifecycle.ready();

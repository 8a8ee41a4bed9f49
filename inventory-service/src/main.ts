import { createServer } from 'node:http';
import { postgresCheck, redisCheck } from '@valerix/service-kit/health';
import { Lifecycle } from '@valerix/service-kit/lifecycle';
import { createLogger } from '@valerix/service-kit/logger';
import { createRegistry } from '@valerix/service-kit/metrics';
import { requireOperator } from '@valerix/service-kit/operator-auth';
import { createPool, poolMetrics } from '@valerix/service-kit/postgres';
import { createRedis, redisMetrics } from '@valerix/service-kit/redis';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { createDecideOrder } from './decide-orders.ts';
import { createInventoryStore } from './inventory-store.ts';
import { createLedgerStore } from './ledger-store.ts';
import { createMetrics } from './metrics.ts';
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

const store = createInventoryStore(pool);
const ledger = createLedgerStore(pool);
const decideOrder = createDecideOrder({ store, metrics, maxBatch: config.MAX_BATCH, maxWaiting: config.MAX_WAITING });
const restockItem = createRestockItem({ store, metrics });
const stockGauge = watchStock({ store, metrics, logger, intervalMs: config.STOCK_METRIC_INTERVAL_MS });

const postgres = postgresCheck(pool, ['inventory', 'inventory_transactions', 'inventory_decisions']);
const app = createApp({
  health: {
    service,
    version: '0.1.0',
    lifecycle,
    registry,
    ready: { postgres },
    health: { postgres, redis: redisCheck(redis) },
  },
  logger,
  routes: { decideOrder, restockItem, store, ledger, operator: requireOperator(config.OPERATOR_TOKEN) },
});

await lifecycle.listen(createServer(app), config.PORT, config.HOST);
lifecycle.onStop('stock gauge', () => stockGauge.stop());
lifecycle.onStop('redis', () => redis.disconnect());
lifecycle.onStop('database pool', () => pool.end());
lifecycle.ready();

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
import { createBlockingRedis, createRedis, redisMetrics } from '@valerix/service-kit/redis';
import { admission } from './admission.ts';
import { createApp } from './app.ts';
import { createBackupStore } from './backup-store.ts';
import { createCancelOrder } from './cancel-order.ts';
import { createChaosMarksStore } from './chaos/chaos-marks-store.ts';
import {
  failpoints,
  withCancellingFaults,
  withConsumingFaults,
  withPlacingFaults,
  withWorkerFaults,
} from './chaos/chaos-wiring.ts';
import { markTimelines } from './chaos/mark-timelines.ts';
import { withOutboundFaults } from './chaos/outbound-faults.ts';
import { readConfig } from './config.ts';
import { createEventFeed } from './event-feed.ts';
import { createFallbackQueue } from './fallback-queue.ts';
import { createReplayCache } from './idempotency.ts';
import { createAuditor } from './integrity/audit-integrity.ts';
import { createIntegrityStore } from './integrity/integrity-store.ts';
import { createLedgerClient } from './integrity/ledger-client.ts';
import { createInventoryClient } from './inventory-client.ts';
import { inventoryCheck } from './inventory-health.ts';
import { createInventoryTransport } from './inventory-transport.ts';
import { createManageQueue, watchQueue } from './manage-queue.ts';
import { createMetrics } from './metrics.ts';
import { createOrderReadsStore } from './order-reads-store.ts';
import { createOrderStore } from './order-store.ts';
import { createPlaceOrder } from './place-order.ts';
import { createReadOrders } from './read-orders.ts';
import { createSettler } from './settle-orders.ts';
import { watchBackups } from './watch-backups.ts';

const service = 'order-service';
const config = readConfig();
const logger = createLogger({ service, replica: config.REPLICA, level: config.LOG_LEVEL });
const lifecycle = new Lifecycle({ logger, graceMs: config.SHUTDOWN_GRACE_MS, delayMs: config.SHUTDOWN_DELAY_MS });
lifecycle.handleSignals();

const registry = createRegistry();
const metrics = createMetrics(registry);
const pool = createPool({ url: config.DATABASE_URL, service, max: config.DATABASE_POOL_MAX, logger });
poolMetrics(registry, pool, config.DATABASE_POOL_MAX);
const redis = createRedis(config.REDIS_URL, logger);
const blockingRedis = createBlockingRedis(config.REDIS_URL, logger);
redisMetrics(registry, redis);

const chaos = createChaos({
  service,
  replica: config.REPLICA,
  failpoints,
  redisUrl: config.REDIS_URL,
  registry,
  logger,
});
const { injector } = chaos;
// The service works through clients that faults can reach; readiness does not.
const workPool = withPostgresFaults(pool, injector);
const workRedis = withRedisFaults(redis, injector);

const orders = createOrderStore({
  pool: workPool,
  metrics,
  leaseMs: config.LEASE_MS,
  maxBatch: config.MAX_BATCH,
  maxWaiting: config.MAX_IN_PROGRESS,
});
const reads = createOrderReadsStore(workPool);
const replays = createReplayCache(workRedis, metrics);
const queue = createFallbackQueue({
  redis: workRedis,
  blockingRedis: withRedisFaults(blockingRedis, injector),
  consumer: config.REPLICA,
  logger,
});
const transport = createInventoryTransport({ url: config.INVENTORY_URL, connections: config.INVENTORY_CONNECTIONS });
const inventory = createInventoryClient({
  transport: withOutboundFaults(injector, transport),
  metrics,
  deadlineMs: config.INVENTORY_DEADLINE_MS,
  attemptTimeoutMs: config.INVENTORY_ATTEMPT_TIMEOUT_MS,
  maxAttempts: config.INVENTORY_MAX_ATTEMPTS,
  bulkhead: config.INVENTORY_BULKHEAD,
  breaker: {
    windowMs: config.BREAKER_WINDOW_MS,
    errorPercentage: config.BREAKER_ERROR_PERCENTAGE,
    minCalls: config.BREAKER_MIN_CALLS,
    resetMs: config.BREAKER_RESET_MS,
  },
});

const settler = createSettler(
  withWorkerFaults(injector, {
    orders,
    inventory,
    metrics,
    logger,
    sweepIntervalMs: config.SWEEP_INTERVAL_MS,
    maxAttempts: config.MAX_ATTEMPTS,
    backoffMs: config.BACKOFF_MS,
    backoffCapMs: config.BACKOFF_CAP_MS,
  }),
);
const eventFeed = createEventFeed({ reads, logger, pollMs: config.EVENT_POLL_MS, maxListeners: config.MAX_LISTENERS });
// It looks at what is, so faults do not reach it.
const auditor = createAuditor({
  store: createIntegrityStore(pool),
  ledger: createLedgerClient(config.INVENTORY_URL),
  metrics,
  logger,
  intervalMs: config.AUDIT_INTERVAL_MS,
  graceMs: config.AUDIT_GRACE_MS,
  patienceMs: config.AUDIT_PATIENCE_MS,
});
metrics.watchIntegrityLag(auditor.lagSeconds);
const queueGauges = watchQueue({ reads, metrics, logger, intervalMs: config.QUEUE_METRIC_INTERVAL_MS });
const backupGauge = watchBackups({
  store: createBackupStore(pool),
  metrics,
  logger,
  intervalMs: config.BACKUP_METRIC_INTERVAL_MS,
});

const marks = markTimelines({
  store: createChaosMarksStore(pool),
  redis,
  logger,
  intervalMs: config.MARK_INTERVAL_MS,
});

const postgres = postgresCheck(pool, ['orders', 'order_events']);
const app = createApp({
  health: {
    service,
    version: '0.1.0',
    lifecycle,
    registry,
    ready: { postgres },
    health: { postgres, redis: redisCheck(workRedis) },
    deep: { inventory: inventoryCheck(config.INVENTORY_URL) },
  },
  logger,
  inboundFaults: inboundFaults(injector, { exempt: ['/api/admin'] }),
  routes: {
    placeOrder: createPlaceOrder(withPlacingFaults(injector, { orders, inventory, replays, queue, metrics })),
    cancelOrder: createCancelOrder(withCancellingFaults(injector, { orders, reads, inventory })),
    readOrders: createReadOrders({ reads }),
    manageQueue: createManageQueue({ orders, reads, queue }),
    auditor,
    eventFeed: eventFeed.handler,
    operator: requireOperator(config.OPERATOR_TOKEN),
    admission: admission(config.MAX_IN_PROGRESS),
  },
});

await chaos.sync.start();

// Stopped in this order: streams end so that the server can drain, then the workers, then what they stand on.
lifecycle.onStop('event feed', () => eventFeed.stop());
await lifecycle.listen(createServer(app), config.PORT, config.HOST);
lifecycle.onStop('fallback queue', () => queue.stop());
lifecycle.onStop('settler', () => settler.stop());
lifecycle.onStop('auditor', () => auditor.stop());
lifecycle.onStop('queue gauges', () => queueGauges.stop());
lifecycle.onStop('backup gauge', () => backupGauge.stop());
lifecycle.onStop('inventory client', () => inventory.close());
lifecycle.onStop('marks of chaos', () => marks.stop());
lifecycle.onStop('chaos', () => chaos.sync.stop());
lifecycle.onStop('redis', () => redis.disconnect());
lifecycle.onStop('database pool', () => pool.end());

settler.start();
auditor.start();
queue.start(withConsumingFaults(injector, settler.settle));
lifecycle.ready();

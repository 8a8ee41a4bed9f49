import { commandReply, paymentReply } from '@valerix/contracts';
import { chaosKeys } from '@valerix/service-kit/chaos/keys';
import { createPool } from '@valerix/service-kit/postgres';
import { createBlockingRedis } from '@valerix/service-kit/redis';
import { startService } from '@valerix/service-kit/service';
import { createServiceApp } from '@valerix/service-kit/service-app';
import { createAdmission } from './admission.ts';
import { createBackupStore } from './backup-store.ts';
import { createCancelOrder } from './cancel-order.ts';
import { createChaosMarksStore } from './chaos/chaos-marks-store.ts';
import {
  withCancellingFaults,
  withConsumingFaults,
  withPlacingFaults,
  withSagaFaults,
  withWorkerFaults,
} from './chaos/chaos-wiring.ts';
import { markTimelines } from './chaos/mark-timelines.ts';
import { withOutboundFaults } from './chaos/outbound-faults.ts';
import type { readConfig } from './config.ts';
import { dropHistory } from './drop-history.ts';
import { translateError } from './errors.ts';
import { createEventFeed } from './event-feed.ts';
import { createFallbackQueue } from './fallback-queue.ts';
import { createReplayCache } from './idempotency.ts';
import { createAuditor } from './integrity/audit-integrity.ts';
import { createCheckpointStore } from './integrity/checkpoint-store.ts';
import { createForgetClient } from './integrity/forget-client.ts';
import { createIntegrityStore } from './integrity/integrity-store.ts';
import { createLedgerClient } from './integrity/ledger-client.ts';
import { createMoneyClient } from './integrity/money-client.ts';
import { inventoryCheck } from './inventory-health.ts';
import { createManageQueue, watchQueue } from './manage-queue.ts';
import { createMetrics, ORDER_ANSWERS } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import type { ParticipantName } from './order.ts';
import { createOrderReadsStore } from './order-reads-store.ts';
import { createOrderStore } from './order-store.ts';
import { holdOwnership } from './owner-store.ts';
import { createOwnership } from './ownership.ts';
import { createParticipantClient } from './participant-client.ts';
import { createParticipantTransport, type TransportOptions } from './participant-transport.ts';
import { createParticipants } from './participants.ts';
import { createPlaceOrder } from './place-order.ts';
import { createReadOrders } from './read-orders.ts';
import { createRoutes } from './routes.ts';
import { createSettler } from './settle-orders.ts';
import { watchBackups } from './watch-backups.ts';

/**
 * Builds the order service from its parts, and starts it; resolves when it is ready. `main.ts` runs it as a process of its own, the
 * simulation runs several in one process (ADR 37).
 * @throws {ConfigError} naming each secret that is missing
 */
export async function startOrderService(config: ReturnType<typeof readConfig>): Promise<void> {
  const service = await startService({ key: 'order', config, tables: ['orders', 'order_events'] });
  const { logger, lifecycle, registry, injector, watchPool, readPool, redis, workPool, workRedis, secrets } = service;
  const { epoch, now } = service.database;
  const metrics = createMetrics(registry);

  const leases = holdOwnership(
    createPool({ url: config.DATABASE_URL, service: `${service.name} owner`, max: 1, logger }),
    logger,
  );
  const orders = createOrderStore({
    pool: workPool,
    metrics,
    leaseMs: config.LEASE_MS,
    owner: leases.owner,
    maxBatch: config.MAX_BATCH,
    maxWaiting: config.MAX_IN_PROGRESS,
  });
  const reads = createOrderReadsStore(readPool);
  const replays = createReplayCache({ redis: workRedis, metrics, epoch, keepMs: config.RETENTION });
  const queue = createFallbackQueue({
    redis: workRedis,
    blockingRedis: service.breakableRedis(createBlockingRedis(config.REDIS_URL, logger)),
    epoch,
    consumer: config.REPLICA,
    metrics,
    logger,
  });
  const participant = (name: ParticipantName, to: TransportOptions, deadlineMs: number, attemptTimeoutMs: number) =>
    withSagaFaults(
      injector,
      createParticipantClient({
        name,
        transport: withOutboundFaults(injector, createParticipantTransport(to)),
        metrics,
        deadlineMs,
        attemptTimeoutMs,
        maxAttempts: config.INVENTORY_MAX_ATTEMPTS,
        bulkhead: config.INVENTORY_BULKHEAD,
        breaker: {
          windowMs: config.BREAKER_WINDOW_MS,
          errorPercentage: config.BREAKER_ERROR_PERCENTAGE,
          minCalls: config.BREAKER_MIN_CALLS,
          resetMs: config.BREAKER_RESET_MS,
        },
      }),
    );
  const connections = config.INVENTORY_CONNECTIONS;
  const credential = secrets.ORDER_TO_INVENTORY_CREDENTIAL;
  const participants = createParticipants({
    inventory: participant(
      'inventory',
      { url: config.INVENTORY_URL, path: '/api/inventory/commands', credential, connections, reply: commandReply },
      config.INVENTORY_DEADLINE_MS,
      config.INVENTORY_ATTEMPT_TIMEOUT_MS,
    ),
    payment:
      config.PAYMENT_URL === undefined
        ? undefined
        : participant(
            'payment',
            {
              url: config.PAYMENT_URL,
              path: '/api/payments/commands',
              credential: secrets.ORDER_TO_PAYMENT_CREDENTIAL,
              connections,
              reply: paymentReply,
            },
            config.PAYMENT_DEADLINE_MS,
            config.PAYMENT_ATTEMPT_TIMEOUT_MS,
          ),
    metrics,
  });

  const settler = createSettler(
    withWorkerFaults(injector, {
      orders,
      participants,
      metrics,
      logger,
      now,
      sweepIntervalMs: config.SWEEP_INTERVAL_MS,
      maxAttempts: config.MAX_ATTEMPTS,
      backoffMs: config.BACKOFF_MS,
      backoffCapMs: config.BACKOFF_CAP_MS,
    }),
  );
  const ownership = createOwnership({ access: config.ACCESS, secret: secrets.ORDER_TOKEN_SECRET });
  const eventFeed = createEventFeed({
    reads,
    reachOf: (req) => ownership.viewer(req).reach,
    logger,
    pollMs: config.EVENT_POLL_MS,
    maxListeners: config.MAX_LISTENERS,
    maxBufferedBytes: config.MAX_LISTENERS_MB * 1_000_000,
  });
  // The auditor must see the true state, so no fault reaches its pool. Its own, so that reading a history keeps nobody waiting.
  const auditPool = createPool({ url: config.DATABASE_URL, service: `${service.name} audit`, max: 1, logger });
  const ledger = createLedgerClient(config.INVENTORY_URL, credential);
  const memory = createCheckpointStore(auditPool, config.REPLICA);
  const auditor = createAuditor({
    store: createIntegrityStore(auditPool),
    memory,
    ledger,
    money:
      config.PAYMENT_URL === undefined
        ? undefined
        : createMoneyClient(config.PAYMENT_URL, secrets.ORDER_TO_PAYMENT_CREDENTIAL),
    metrics,
    logger,
    intervalMs: config.AUDIT_INTERVAL_MS,
    graceMs: config.AUDIT_GRACE_MS,
    patienceMs: config.AUDIT_PATIENCE_MS,
    now,
  });
  metrics.watchIntegrityLag(auditor.lagSeconds);
  const manageQueue = createManageQueue({ orders, reads: createOrderReadsStore(watchPool), queue });
  const queueGauges = watchQueue({ manageQueue, metrics, logger, intervalMs: config.QUEUE_METRIC_INTERVAL_MS });
  const backupGauge = watchBackups({
    store: createBackupStore(watchPool),
    metrics,
    logger,
    intervalMs: config.BACKUP_METRIC_INTERVAL_MS,
  });

  const marks =
    injector &&
    markTimelines({
      store: createChaosMarksStore(watchPool),
      redis,
      stream: chaosKeys(config.OPERATOR_TOKEN).marks,
      logger,
      intervalMs: config.MARK_INTERVAL_MS,
    });

  const admission = createAdmission({
    max: config.MAX_IN_PROGRESS,
    targetMs: config.ORDER_DELAY_TARGET_MS,
    metrics,
    readGate: service.readGate,
  });

  const app = createServiceApp(service, {
    checks: { ...service.checks, deep: { inventory: inventoryCheck(config.INVENTORY_URL) } },
    openApi: openApiDocument,
    expectedAnswers: ORDER_ANSWERS,
    admission: admission.handler,
    refuseEarly: admission.refuseEarly,
    routes: createRoutes({
      placeOrder: createPlaceOrder(
        withPlacingFaults(injector, {
          orders: admission.timed(orders),
          participants: { ...participants, offersPayments: config.PAYMENTS && participants.offersPayments },
          paymentRequired: config.PAYMENT_REQUIRED,
          paymentWindowMs: config.PAYMENT_WINDOW_MS,
          replays,
          queue,
          metrics,
          now,
        }),
      ),
      cancelOrder: createCancelOrder(
        withCancellingFaults(injector, { orders, reads: createOrderReadsStore(workPool), participants, now }),
      ),
      readOrders: createReadOrders({ reads }),
      manageQueue,
      auditor,
      eventFeed: eventFeed.handler,
      ownership,
      operator: service.operator,
      insiders: service.insiders,
    }),
    translateError,
  });

  // Stopped in this order: the streams, so that the server can drain; the workers; then the connections that they use.
  lifecycle.onStop('event feed', () => eventFeed.stop());
  await service.listen(app);
  lifecycle.onStop('fallback queue', () => queue.stop());
  lifecycle.onStop('settler', () => settler.stop());
  const forgetting = createForgetClient(
    { url: `${config.INVENTORY_URL}/api/inventory/forget`, credential },
    ...(config.PAYMENT_URL === undefined
      ? []
      : [{ url: `${config.PAYMENT_URL}/api/payments/forget`, credential: secrets.ORDER_TO_PAYMENT_CREDENTIAL }]),
  );
  service.retain(dropHistory({ auditor, memory, participants: forgetting }));
  lifecycle.onStop('owner of leases', () => leases.stop());
  lifecycle.onStop('auditor', async () => {
    await auditor.stop();
    await auditPool.end();
  });
  lifecycle.onStop('queue gauges', () => queueGauges.stop());
  lifecycle.onStop('backup gauge', () => backupGauge.stop());
  lifecycle.onStop('participants', () => participants.close());
  lifecycle.onStop('marks of chaos', () => marks?.stop());
  // `service.ready()` adds the last steps, the same in every service: chaos, Redis, the database pool.

  settler.start();
  auditor.start();
  queue.start(withConsumingFaults(injector, settler.settle));
  service.ready();
}

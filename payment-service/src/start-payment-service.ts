import { MAX_COMMAND_BYTES, MAX_COMMANDS_PER_REQUEST } from '@valerix/contracts';
import { jsonBody, ndjsonBody, textBody } from '@valerix/service-kit/body';
import { admitReaders } from '@valerix/service-kit/gate';
import { allowToGo } from '@valerix/service-kit/retention/period-store';
import { startService } from '@valerix/service-kit/service';
import { createServiceApp } from '@valerix/service-kit/service-app';
import { READ_ROUTES } from './admission.ts';
import { createAdoptPayment } from './adopt-payment.ts';
import { createAdoptPaymentStore } from './adopt-payment-store.ts';
import { createAskProvider } from './ask-provider.ts';
import {
  beforeCommitFaults,
  withAskingFaults,
  withCommandFaults,
  withProviderFaults,
  withWebhookFaults,
} from './chaos/chaos-wiring.ts';
import type { readConfig } from './config.ts';
import { dropHistory } from './drop-history-store.ts';
import { translateError } from './errors.ts';
import { createMetrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { createPaymentReadsStore } from './payment-reads-store.ts';
import { createPaymentStore } from './payment-store.ts';
import { watchPayments } from './payments-gauge.ts';
import { measuredProvider } from './provider/measured-provider.ts';
import { createSimulatorProvider } from './provider/simulator-provider.ts';
import { createReadPayments } from './read-payments.ts';
import { createReconciler } from './reconciliation/reconciler.ts';
import { createRoutes } from './routes.ts';
import { createSettler } from './settle-payments.ts';
import { createTakePayment } from './take-payments.ts';
import { createTakeWebhook } from './take-webhook.ts';

/**
 * Builds the payment service from its parts, and starts it; resolves when it is ready. `main.ts` runs it as a process of its own, the
 * simulation runs several in one process (ADR 37).
 * @throws {ConfigError} naming each secret that is missing
 */
export async function startPaymentService(config: ReturnType<typeof readConfig>): Promise<void> {
  const service = await startService({
    key: 'payment',
    config,
    tables: ['payments', 'payment_transactions', 'reconciliation'],
  });
  const { logger, lifecycle, registry, injector, workPool, readPool, watchPool, operator, callers, insiders } = service;
  const { now } = service.database;
  const metrics = createMetrics(registry);
  const { MAX_BATCH: maxBatch, MAX_WAITING: maxWaiting } = config;

  const store = createPaymentStore({
    pool: workPool,
    now,
    // The request that opened a payment asks the provider; when it has given up, the worker does.
    leaseMs: 2 * config.PROVIDER_TIMEOUT_MS,
    maxBatch,
    maxWaiting: maxWaiting + 10 * config.PROVIDER_BULKHEAD,
    beforeCommit: beforeCommitFaults(injector),
  });
  const simulator = createSimulatorProvider({
    url: config.PROVIDER_URL,
    credential: service.secrets.PAYMENT_TO_PROVIDER_CREDENTIAL,
    webhookSecret: service.secrets.WEBHOOK_SECRET,
    timeoutMs: config.PROVIDER_TIMEOUT_MS,
    connections: config.PROVIDER_BULKHEAD,
  });
  const provider = measuredProvider(simulator, metrics);
  const { askProvider, bookTold } = createAskProvider({
    provider: withProviderFaults(injector, provider),
    store,
    metrics,
    bulkhead: config.PROVIDER_BULKHEAD,
  });
  const takePayment = createTakePayment({
    store,
    askProvider: withAskingFaults(injector, askProvider, 'payment.after-intent'),
    metrics,
    maxBatch,
    maxWaiting,
  });
  const reconciler = createReconciler({
    pool: watchPool,
    replica: config.REPLICA,
    reads: createPaymentReadsStore(watchPool),
    provider,
    bookTold,
    metrics,
    logger,
    intervalMs: config.RECONCILE_INTERVAL_MS,
    graceMs: config.RECONCILE_GRACE_MS,
    now,
  });
  metrics.watchReconciliation(reconciler.lagSeconds);

  const commands = '/api/payments/commands';
  const app = createServiceApp(service, {
    checks: service.checks,
    openApi: openApiDocument,
    bodies: {
      [commands]: ndjsonBody(MAX_COMMANDS_PER_REQUEST * MAX_COMMAND_BYTES),
      '/api/payments/webhooks': textBody('64kb'),
      '/': jsonBody('64kb'),
    },
    limitedAs: { '/api/payments/webhooks': 'webhooks' },
    hitByPiece: [commands],
    admission: admitReaders(READ_ROUTES, service.readGate()),
    routes: createRoutes({
      takePayment: withCommandFaults(injector, takePayment),
      takeWebhook: createTakeWebhook({
        provider,
        bookTold: withWebhookFaults(injector, async (told) => store.settledBy(told) ?? bookTold(told)),
        metrics,
        logger,
      }),
      readPayments: createReadPayments(createPaymentReadsStore(readPool)),
      adoptPayment: createAdoptPayment({ provider, store: createAdoptPaymentStore(workPool), now }),
      reconciliation: reconciler,
      mayForget: (ordersBefore) => allowToGo(workPool, ordersBefore),
      operator,
      callers,
      insiders,
    }),
    translateError,
  });

  // Stopped in this order.
  await service.listen(app);
  const settler = createSettler({
    store,
    askProvider: withAskingFaults(injector, askProvider, 'worker.after-claim'),
    logger,
    sweepIntervalMs: config.SWEEP_INTERVAL_MS,
    maxBatch: config.PROVIDER_BULKHEAD,
  });
  lifecycle.onStop('worker', () => settler.stop());
  reconciler.start();
  lifecycle.onStop('reconciliation', () => reconciler.stop());
  const gauge = watchPayments({ reads: createPaymentReadsStore(watchPool), metrics, logger });
  lifecycle.onStop('gauges', () => gauge.stop());
  service.retain(dropHistory(() => reconciler.state().verdict));

  service.ready();
}

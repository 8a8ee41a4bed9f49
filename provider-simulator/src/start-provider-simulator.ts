import { admitReaders } from '@valerix/service-kit/gate';
import { startService } from '@valerix/service-kit/service';
import { createServiceApp } from '@valerix/service-kit/service-app';
import { READ_ROUTES } from './admission.ts';
import { withChargingFaults, withSendingFaults } from './chaos/chaos-wiring.ts';
import type { readConfig } from './config.ts';
import { translateError } from './errors.ts';
import { openApiDocument } from './openapi.ts';
import { createProviderStore } from './provider-store.ts';
import { createRoutes } from './routes.ts';
import { createSendWebhook, sendWebhooks } from './send-webhooks.ts';
import { createTakeCharges } from './take-charges.ts';

/**
 * Builds the simulated payment provider from its parts, and starts it; resolves when it is ready. `main.ts` runs it as a process of its own, the
 * simulation runs several in one process (ADR 37).
 * @throws {ConfigError} naming each secret that is missing
 */
export async function startProviderSimulator(config: ReturnType<typeof readConfig>): Promise<void> {
  const service = await startService({ key: 'provider', config, tables: ['charges', 'books', 'webhooks'] });
  const { logger, lifecycle, injector, workPool, readPool } = service;

  const store = createProviderStore(workPool);
  const charges = createTakeCharges({
    store,
    reads: createProviderStore(readPool),
    now: service.database.now,
    maxBatch: config.MAX_BATCH,
    maxWaiting: config.MAX_WAITING,
    slowMs: config.SLOW_MS,
    lateMs: config.LATE_MS,
    hasWebhooks: config.PAYMENT_URL !== undefined,
    webhookPercentage: config.WEBHOOK_PERCENTAGE,
    webhookDelayMs: config.WEBHOOK_DELAY_MS,
    webhookTwicePercentage: config.WEBHOOK_TWICE_PERCENTAGE,
  });

  const app = createServiceApp(service, {
    checks: service.checks,
    openApi: openApiDocument,
    admission: admitReaders(READ_ROUTES, service.readGate()),
    routes: createRoutes({
      charges: withChargingFaults(injector, charges),
      books: charges.books,
      callers: service.callers,
      insiders: service.insiders,
    }),
    translateError,
  });

  // Stopped in this order.
  await service.listen(app);
  const sending = sendWebhooks(
    { store, charges, logger, intervalMs: config.SEND_INTERVAL_MS },
    withSendingFaults(injector, createSendWebhook(config.PAYMENT_URL, service.secrets.WEBHOOK_SECRET)),
  );
  lifecycle.onStop('webhooks', () => sending.stop());

  service.ready();
}

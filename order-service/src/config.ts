import {
  count,
  flag,
  httpUrl,
  milliseconds,
  parseEnv,
  port,
  requireTokenInProduction,
  serviceEnv,
  wholeNumber,
} from '@valerix/service-kit/env';
import { SERVICES } from '@valerix/system';
import { z } from 'zod';
import { stepsOf } from './saga.ts';

interface Waits {
  PAYMENT_URL?: string | undefined;
  INVENTORY_DEADLINE_MS: number;
  PAYMENT_DEADLINE_MS: number;
}

/** The longest that one owner waits for the participants, step after step, milliseconds. To undo an order takes fewer calls. */
const longestWaitMs = ({
  PAYMENT_URL,
  INVENTORY_DEADLINE_MS: inventory,
  PAYMENT_DEADLINE_MS: payment,
}: Waits): number =>
  stepsOf({ payment_deadline: PAYMENT_URL === undefined ? null : new Date(0) })
    .map(({ participant }) => ({ inventory, payment })[participant])
    .reduce((sum, deadline) => sum + deadline, 0);

/** The settings, as docs/configuration.md lists them. */
export const schema = z
  .object({
    ...serviceEnv,
    PORT: port.default(SERVICES.order.port),
    INVENTORY_URL: httpUrl.describe('The inventory service.'),

    INVENTORY_DEADLINE_MS: milliseconds
      .default(800)
      .describe('How long one order may wait for the inventory service, retries included.'),
    INVENTORY_ATTEMPT_TIMEOUT_MS: milliseconds.default(400).describe('How long one attempt of such a call may take.'),
    INVENTORY_MAX_ATTEMPTS: count
      .default(5)
      .describe(
        'Attempts of one call to a participant. Where 44 % of attempts fail, five leave 1.6 % of orders without an answer, three 8.5 %.',
      ),
    INVENTORY_BULKHEAD: count.default(512).describe('Orders that may wait for one participant at once.'),
    INVENTORY_CONNECTIONS: count.default(64).describe('Connections to one participant.'),
    PAYMENT_URL: httpUrl.optional().describe('The payment service; without it, orders are billed on account only.'),
    PAYMENTS: flag
      .default(true)
      .describe(
        '`false`: no new order may name a payment. Paid orders that are open are still carried out, or undone.',
      ),
    PAYMENT_REQUIRED: flag.default(false).describe('Refuse orders that name no payment.'),
    PAYMENT_DEADLINE_MS: milliseconds
      .default(2_000)
      .describe('How long one order may wait for the payment service, retries included.'),
    PAYMENT_ATTEMPT_TIMEOUT_MS: milliseconds.default(1_500).describe('How long one attempt of such a call may take.'),
    PAYMENT_WINDOW_MS: milliseconds
      .default(300_000)
      .describe('How long a paid order may stay open; then it is undone and fails.'),
    BREAKER_WINDOW_MS: milliseconds
      .default(2_000)
      .describe('The time over which the breaker counts attempts and failures.'),
    // Opossum opens above it, so at 100 it never would.
    BREAKER_ERROR_PERCENTAGE: wholeNumber(1, 99)
      .default(65)
      .describe(
        'The breaker opens above this share of failed attempts, in percent: more than what retries absorb, since 44 % must not open it by chance.',
      ),
    BREAKER_MIN_CALLS: count.default(20).describe('With fewer attempts in its window, the breaker stays closed.'),
    BREAKER_RESET_MS: milliseconds
      .default(2_000)
      .describe('How long an open breaker waits until it lets one attempt through.'),

    LEASE_MS: milliseconds
      .default(5_000)
      .describe(
        'How long a request or a worker owns an order; longer than the deadlines of its calls together. A paid order has three: reserve, charge, commit.',
      ),
    SWEEP_INTERVAL_MS: milliseconds.default(1_000).describe('How often the worker looks for orders that are due.'),
    MAX_ATTEMPTS: count.default(20).describe('Counted attempts of the worker before an order becomes a dead letter.'),
    BACKOFF_MS: milliseconds
      .default(500)
      .describe(
        'The pause after the first attempt of the worker is random, up to this long; the limit doubles with each attempt.',
      ),
    BACKOFF_CAP_MS: milliseconds.default(30_000).describe('The longest pause between two attempts.'),

    MAX_IN_PROGRESS: count.default(2_000).describe('Orders in progress at once; more are shed with 429.'),
    ORDER_DELAY_TARGET_MS: milliseconds
      .default(50)
      .describe(
        'When even the quickest order waits longer than this for T0, fewer orders are admitted. At 5,000 orders/s, half of the bulkhead.',
      ),
    MAX_BATCH: count.default(256).describe('Orders in one transaction.'),
    MAX_LISTENERS: count.default(200).describe('Listeners of `GET /api/orders/stream`.'),
    MAX_LISTENERS_MB: count.default(16).describe('Megabytes that may wait in memory for all listeners to read.'),
    MARK_INTERVAL_MS: milliseconds.default(500).describe('How often marks of faults are written to the timelines.'),
    EVENT_POLL_MS: milliseconds.default(200).describe('How often new events are read for the listeners.'),
    QUEUE_METRIC_INTERVAL_MS: milliseconds.default(1_000).describe('How often the queue is counted.'),
    BACKUP_METRIC_INTERVAL_MS: milliseconds
      .default(30_000)
      .describe('How often the service reads when the next backup is due.'),
    AUDIT_INTERVAL_MS: milliseconds.default(500).describe('How often orders and ledger are compared.'),
    AUDIT_GRACE_MS: milliseconds
      .default(500)
      .describe('How long an order must be quiet before it is compared with the ledger.'),
    AUDIT_PATIENCE_MS: milliseconds
      .default(8_000)
      .describe('How long a sum of the stock may differ while an older transaction runs; more than our own may take.'),
  })
  .superRefine(requireTokenInProduction)
  .refine((config) => config.LEASE_MS > longestWaitMs(config), {
    path: ['LEASE_MS'],
    error: ({ input }) =>
      `must be longer than ${longestWaitMs(input as Waits)} ms: INVENTORY_DEADLINE_MS and, for a paid order, that again and PAYMENT_DEADLINE_MS. Or the worker takes orders from requests that still run`,
  })
  .refine((config) => (config.PAYMENTS && config.PAYMENT_URL !== undefined) || !config.PAYMENT_REQUIRED, {
    path: ['PAYMENT_URL'],
    message: 'is required with PAYMENT_REQUIRED, and PAYMENTS must be on',
  });

/** Every variable this service reads; a test compares them with what compose and Kubernetes set. */
export const CONFIG_VARIABLES = Object.keys(schema.shape);

/** The settings of this process. @throws {ConfigError} listing every problem. */
export const readConfig = (env: Record<string, string | undefined> = process.env) => parseEnv(schema, env);

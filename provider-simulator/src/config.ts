import {
  count,
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

const schema = z
  .object({
    ...serviceEnv,
    PORT: port.default(SERVICES.provider.port),
    PAYMENT_URL: httpUrl.optional().describe('Where payment-service takes webhooks; unset: none is sent.'),
    WEBHOOK_PERCENTAGE: wholeNumber(0, 100)
      .default(25)
      .describe('Of the outcomes that a reply told already, how many are told by webhook as well.'),
    WEBHOOK_DELAY_MS: milliseconds
      .default(2_000)
      .describe('A webhook is sent up to so much later, so they overtake each other.'),
    WEBHOOK_TWICE_PERCENTAGE: wholeNumber(0, 100).default(20).describe('How many webhooks are sent twice.'),
    SLOW_MS: milliseconds.default(4_000).describe('How late the reply to `tok_slow` is.'),
    LATE_MS: milliseconds.default(1_000).describe('When a charge of `tok_webhook_only` succeeds.'),
    SEND_INTERVAL_MS: milliseconds.default(200).describe('How often webhooks that are due are looked for.'),
    MAX_BATCH: count.default(256).describe('Charges written in one transaction.'),
    MAX_WAITING: count.default(10_000).describe('Charges that may wait for a transaction; more are shed with 429.'),
  })
  .superRefine(requireTokenInProduction);

/** Every variable this service reads; a test compares them with what compose and Kubernetes set. */
export const CONFIG_VARIABLES = Object.keys(schema.shape);

/** The settings of this process. @throws {ConfigError} listing every problem. */
export const readConfig = (env: Record<string, string | undefined> = process.env) => parseEnv(schema, env);

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

/** The settings, as docs/configuration.md lists them. */
export const schema = z
  .object({
    ...serviceEnv,
    PORT: port.default(SERVICES.provider.port),
    PAYMENT_URL: httpUrl.optional().describe('Where payment-service takes webhooks; unset: none is sent.'),
    WEBHOOK_PERCENTAGE: wholeNumber(0, 100)
      .default(25)
      .describe('The share of outcomes that a webhook tells although a reply told them, in percent.'),
    WEBHOOK_DELAY_MS: milliseconds
      .default(2_000)
      .describe('The longest random delay of a webhook, by which they overtake each other.'),
    WEBHOOK_TWICE_PERCENTAGE: wholeNumber(0, 100)
      .default(20)
      .describe('The share of webhooks that is sent twice, in percent.'),
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

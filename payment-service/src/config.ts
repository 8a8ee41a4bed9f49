import {
  count,
  httpUrl,
  milliseconds,
  parseEnv,
  port,
  requireTokenInProduction,
  serviceEnv,
} from '@valerix/service-kit/env';
import { SERVICES } from '@valerix/system';
import { z } from 'zod';

/** The settings, as docs/configuration.md lists them. */
export const schema = z
  .object({
    ...serviceEnv,
    PORT: port.default(SERVICES.payment.port),
    PROVIDER_URL: httpUrl.describe('The payment provider.'),
    PROVIDER_TIMEOUT_MS: milliseconds.default(3_000).describe('How long one question to the provider may take.'),
    PROVIDER_BULKHEAD: count
      .default(256)
      .describe('Payments that may wait for the provider at once; others stay open, and the worker asks later.'),
    MAX_BATCH: count.default(256).describe('Commands decided in one transaction.'),
    MAX_WAITING: count.default(10_000).describe('Commands that may wait for a transaction; more are shed with 429.'),
    SWEEP_INTERVAL_MS: milliseconds.default(1_000).describe('How often the worker looks for payments that are due.'),
    RECONCILE_INTERVAL_MS: milliseconds
      .default(1_000)
      .describe("The rest between two rounds of the comparison with the provider's books."),
    RECONCILE_GRACE_MS: milliseconds
      .default(10_000)
      .describe('How long an entry may stand on one side only: a reply may be on its way.'),
  })
  .superRefine(requireTokenInProduction);

/** Every variable this service reads; a test compares them with what compose and Kubernetes set. */
export const CONFIG_VARIABLES = Object.keys(schema.shape);

/** The settings of this process. @throws {ConfigError} listing every problem. */
export const readConfig = (env: Record<string, string | undefined> = process.env) => parseEnv(schema, env);

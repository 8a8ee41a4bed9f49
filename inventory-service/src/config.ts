import { count, milliseconds, parseEnv, port, requireTokenInProduction, serviceEnv } from '@valerix/service-kit/env';
import { SERVICES } from '@valerix/system';
import { z } from 'zod';

/** The settings, as docs/configuration.md lists them. */
export const schema = z
  .object({
    ...serviceEnv,
    PORT: port.default(SERVICES.inventory.port),
    MAX_BATCH: count.default(256).describe('Commands decided in one transaction.'),
    MAX_WAITING: count.default(10_000).describe('Commands that may wait for a transaction; more are shed with 429.'),
    STOCK_METRIC_INTERVAL_MS: milliseconds.default(1_000).describe('How often `inventory_stock_level` is read.'),
  })
  .superRefine(requireTokenInProduction);

/** Every variable this service reads; a test compares them with what compose and Kubernetes set. */
export const CONFIG_VARIABLES = Object.keys(schema.shape);

/** The settings of this process. @throws {ConfigError} listing every problem. */
export const readConfig = (env: Record<string, string | undefined> = process.env) => parseEnv(schema, env);

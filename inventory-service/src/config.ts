import { hostname } from 'node:os';
import { count, milliseconds, parseEnv, port, requireTokenInProduction, serviceEnv } from '@valerix/service-kit/env';
import { z } from 'zod';

const schema = z
  .object({
    ...serviceEnv,
    PORT: port.default(3002),
    MAX_BATCH: count.default(256).describe('Commands decided in one transaction.'),
    MAX_WAITING: count.default(10_000).describe('Commands that may wait for a transaction; more are shed with 429.'),
    HALT_CHECK_INTERVAL_MS: milliseconds.default(500).describe('How often Redis is told again that chaos is halted.'),
    STOCK_METRIC_INTERVAL_MS: milliseconds.default(1_000),
  })
  .superRefine(requireTokenInProduction);

/** Every variable this service reads; a test compares them with what compose and Kubernetes set. */
export const CONFIG_VARIABLES = Object.keys(schema.shape);

export type Config = ReturnType<typeof readConfig>;

/** The settings of this process. @throws {ConfigError} listing every problem. */
export function readConfig(env: Record<string, string | undefined> = process.env) {
  const config = parseEnv(schema, env);
  return { ...config, REPLICA: config.REPLICA ?? `${hostname()}-${process.pid}` };
}

/** What `migrate.ts` needs. @throws {ConfigError} */
export function readMigrationConfig(env: Record<string, string | undefined> = process.env) {
  const { DATABASE_URL } = parseEnv(z.object({ DATABASE_URL: serviceEnv.DATABASE_URL }), env);
  return { databaseUrl: DATABASE_URL };
}

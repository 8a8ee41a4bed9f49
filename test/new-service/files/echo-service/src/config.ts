import { httpUrl, parseEnv, port, requireTokenInProduction, serviceEnv } from '@valerix/service-kit/env';
import { SERVICES } from '@valerix/system';
import { z } from 'zod';

/** The settings, as docs/configuration.md lists them. */
export const schema = z
  .object({
    ...serviceEnv,
    PORT: port.default(SERVICES.echo.port),
    INVENTORY_URL: httpUrl.describe('The inventory service.'),
  })
  .superRefine(requireTokenInProduction);

/** Every variable this service reads; a test compares them with what compose and Kubernetes set. */
export const CONFIG_VARIABLES = Object.keys(schema.shape);

/** The settings of this process. @throws {ConfigError} listing every problem. */
export const readConfig = (env: Record<string, string | undefined> = process.env) => parseEnv(schema, env);

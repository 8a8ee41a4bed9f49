import { ACCESS_TOKEN, email } from '@valerix/contracts';
import {
  count,
  milliseconds,
  parseEnv,
  port,
  requireTokenInProduction,
  serviceEnv,
  span,
} from '@valerix/service-kit/env';
import { SERVICES } from '@valerix/system';
import { z } from 'zod';

const lifetime = span.refine((value) => value !== undefined, 'must not be off').transform((value) => value as number);

const schema = z
  .object({
    ...serviceEnv,
    PORT: port.default(SERVICES.identity.port),
    ACCESS_TOKEN_LIFETIME: lifetime
      .default(ACCESS_TOKEN.lifetimeSeconds * 1_000)
      .describe('How long an access token is valid.'),
    SESSION_LIFETIME: lifetime
      .default(30 * 86_400_000)
      .describe('How long an unused session lasts; each use renews it.'),
    REFRESH_GRACE_MS: milliseconds
      .default(30_000)
      .describe('How long a used refresh token may be used again, because the answer to its use may have been lost.'),
    SIGNING_KEY_PERIOD: lifetime.default(30 * 86_400_000).describe('How long one key signs.'),
    SIGNING_KEY_LEAD: lifetime
      .default(2 * 3_600_000)
      .describe('How long a key is published before it signs, and after it signed last; longer than caches keep keys.'),
    HASHES_AT_ONCE: count.default(2).describe('Passwords hashed at the same time: 19 MB and one core each.'),
    FIRST_OPERATOR_EMAIL: email.optional().describe('Made an operator at the start, if there is none.'),
    FIRST_OPERATOR_PASSWORD: z.string().min(12).optional(),
  })
  .superRefine(requireTokenInProduction)
  .refine(
    (env) => (env.FIRST_OPERATOR_EMAIL === undefined) === (env.FIRST_OPERATOR_PASSWORD === undefined),
    'FIRST_OPERATOR_EMAIL and FIRST_OPERATOR_PASSWORD go together',
  );

/** Every variable this service reads; a test compares them with what compose and Kubernetes set. */
export const CONFIG_VARIABLES = Object.keys(schema.shape);

/** The settings of this process. @throws {ConfigError} listing every problem. */
export const readConfig = (env: Record<string, string | undefined> = process.env) => parseEnv(schema, env);

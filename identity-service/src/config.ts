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

/** The settings, as docs/configuration.md lists them. */
export const schema = z
  .object({
    ...serviceEnv,
    PORT: port.default(SERVICES.identity.port),
    ACCESS_TOKEN_LIFETIME: lifetime
      .prefault(`${ACCESS_TOKEN.lifetimeSeconds / 60}m`)
      .describe('How long an access token is valid.'),
    SESSION_LIFETIME: lifetime.prefault('30d').describe('How long an unused session lasts; each use renews it.'),
    REFRESH_GRACE_MS: milliseconds
      .default(30_000)
      .describe('How long a used refresh token may be used again, because the answer to its use may have been lost.'),
    SIGNING_KEY_PERIOD: lifetime.prefault('30d').describe('How long one key signs.'),
    SIGNING_KEY_LEAD: lifetime
      .prefault('2h')
      .describe(
        'How long a key is published before it signs, and after it signed last: more than the hour for which services keep keys, and than `ACCESS_TOKEN_LIFETIME`.',
      ),
    HASHES_AT_ONCE: count.default(2).describe('Passwords hashed at the same time: 19 MB and one core each.'),
    FIRST_OPERATOR_EMAIL: email
      .optional()
      .describe('The account of the first operator, made at the start if there is no operator.'),
    FIRST_OPERATOR_PASSWORD: z.string().min(12).optional().describe('Its password, at least 12 characters.'),
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

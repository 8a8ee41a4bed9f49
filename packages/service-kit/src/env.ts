import { z } from 'zod';

/** Thrown when the environment is not valid; the message lists every problem, one a line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Reads a service's settings. An empty variable counts as absent.
 * @throws {ConfigError} naming every variable that is missing or wrong, all at once.
 */
export function parseEnv<S extends z.ZodType>(schema: S, env: Record<string, string | undefined>): z.infer<S> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(environment)'}: ${issue.message}`);
  throw new ConfigError(`The environment is not valid:\n${lines.join('\n')}`);
}

const number = z.coerce.number({ error: 'must be a number' }).int('must be a whole number');

/** A TCP port; 0 lets the system choose, and the log says which. */
export const port = number.min(0).max(65_535);
/** A duration in milliseconds. */
export const milliseconds = number.min(0).max(86_400_000);
/** A count of things, at least one. */
export const count = number.min(1).max(1_000_000);
/** `true` or `false`, as people write them. */
export const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');

const url = (protocols: string[]) =>
  z
    .string({ error: 'is required' })
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );
export const httpUrl = url(['http:', 'https:']).transform((value) => value.replace(/\/+$/, ''));
export const postgresUrl = url(['postgres:', 'postgresql:']);
export const redisUrl = url(['redis:', 'rediss:']);

/** What every service is told. */
export const serviceEnv = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  REPLICA: z.string().max(100).optional().describe('Name of this process; the host name when absent.'),
  DATABASE_URL: postgresUrl,
  DATABASE_POOL_MAX: count.default(10),
  REDIS_URL: redisUrl,
  OPERATOR_TOKEN: z.string().min(16, 'must be at least 16 characters').optional(),
  SHUTDOWN_GRACE_MS: milliseconds.default(15_000),
  SHUTDOWN_DELAY_MS: milliseconds
    .default(0)
    .describe('How long to keep serving after SIGTERM, so that load balancers notice readiness going off.'),
};

/** Refuses to start in production without an operator's token. */
export function requireTokenInProduction(
  env: { NODE_ENV: string; OPERATOR_TOKEN?: string | undefined },
  ctx: z.RefinementCtx,
) {
  if (env.NODE_ENV === 'production' && !env.OPERATOR_TOKEN) {
    ctx.addIssue({ code: 'custom', path: ['OPERATOR_TOKEN'], message: 'is required in production' });
  }
}

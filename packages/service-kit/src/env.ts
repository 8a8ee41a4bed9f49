import { hostname } from 'node:os';
import { z } from 'zod';
import type { Env } from './config.ts';

/** Thrown when the environment is not valid; the message lists every problem, one a line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Reads a process's settings. An empty variable counts as absent.
 * @throws {ConfigError} naming every variable that is missing or wrong, all at once.
 */
export function parseEnv<S extends z.ZodType>(schema: S, env: Env): z.infer<S> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(environment)'}: ${issue.message}`);
  throw new ConfigError(`The environment is not valid:\n${lines.join('\n')}`);
}

/** A whole number in a range, in decimal digits: `1e3` and `0x10` are refused. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string({ error: 'is required' })
    .refine((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: ({ input }) => `must be a whole number from ${min} to ${max}, not "${input}"`,
    })
    .transform(Number);

/** A TCP port; 0 lets the system choose, and the log says which. */
export const port = wholeNumber(0, 65_535);
/** A duration in milliseconds. */
export const milliseconds = wholeNumber(0, 86_400_000);
/** A count of things, at least one. */
export const count = wholeNumber(1, 1_000_000);
/** On or off, as people write it: `1`, `true`, `yes`, `on`, or their opposites. */
export const flag = z.stringbool({ error: 'must be true or false' });

const url = (protocols: string[]) =>
  z
    .string({ error: 'is required' })
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );
export const httpUrl = url(['http:', 'https:']).transform((value) => value.replace(/\/+$/, ''));
/** A URL of any scheme, with `//`: in "localhost:6379", "localhost" would be the scheme. */
export const anyUrl = z
  .string({ error: 'is required' })
  .refine((value) => value.includes('://') && URL.canParse(value), 'must be a URL, scheme and "://" included');
export const postgresUrl = url(['postgres:', 'postgresql:']);
export const redisUrl = url(['redis:', 'rediss:']);

/** The shortest token that is accepted. */
export const operatorToken = z.string().min(16, 'must be at least 16 characters');

/** The settings of every process with an HTTP interface; each declares its own PORT. */
export const httpProcessEnv = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  REPLICA: z
    .string()
    .max(100)
    .default(() => `${hostname()}-${process.pid}`)
    .describe('Name of this process; default: host and process id.'),
  OPERATOR_TOKEN: operatorToken.optional(),
  SHUTDOWN_GRACE_MS: milliseconds.default(15_000),
  SHUTDOWN_DELAY_MS: milliseconds
    .default(0)
    .describe('How long to keep serving after SIGTERM: load balancers need this time to notice that it is not ready.'),
};
export type HttpProcessConfig = z.infer<z.ZodObject<typeof httpProcessEnv>> & { PORT: number };

/** The settings of every service. */
export const serviceEnv = {
  ...httpProcessEnv,
  DATABASE_URL: postgresUrl,
  DATABASE_POOL_MAX: count.default(10),
  REDIS_URL: redisUrl,
  CHAOS: flag.default(true).describe('Off: no fault can be armed, and /api/admin/chaos answers 404.'),
  HALT_CHECK_INTERVAL_MS: milliseconds
    .default(500)
    .describe('How often Redis and the database are made to agree about the halt of chaos.'),
};
export type ServiceConfig = z.infer<z.ZodObject<typeof serviceEnv>> & { PORT: number };

/** Refuses to start in production without an operator's token. */
export function requireTokenInProduction(
  env: { NODE_ENV: string; OPERATOR_TOKEN?: string | undefined },
  ctx: z.RefinementCtx,
) {
  if (env.NODE_ENV === 'production' && !env.OPERATOR_TOKEN) {
    ctx.addIssue({ code: 'custom', path: ['OPERATOR_TOKEN'], message: 'is required in production' });
  }
}

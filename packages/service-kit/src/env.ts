import { hostname } from 'node:os';
import { ACCESS_TOKEN } from '@valerix/contracts';
import {
  type CredentialVariable,
  credentialVariable,
  declaration,
  recordOf,
  SECRET_VARIABLES,
  type SecretVariable,
  type ServiceKey,
  secretVariables,
  urlVariable,
} from '@valerix/system';
import { z } from 'zod';
import { addresses } from './addresses.ts';
import type { Env } from './config.ts';

/** Thrown when the environment is not valid; the message lists every problem, one a line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Reads a process's settings. An empty variable counts as absent. A password in DATABASE_PASSWORD or REDIS_PASSWORD goes into its
 * URL, escaped.
 * @throws {ConfigError} naming every variable that is missing or wrong, all at once.
 */
export function parseEnv<S extends z.ZodType>(schema: S, env: Env): z.infer<S> {
  const present: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value) present[name] = value;
  for (const name of ['DATABASE', 'REDIS']) putPassword(present, `${name}_URL`, present[`${name}_PASSWORD`]);
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(environment)'}: ${issue.message}`);
  throw new ConfigError(`The environment is not valid:\n${lines.join('\n')}`);
}

function putPassword(env: Record<string, string>, name: string, password: string | undefined): void {
  const given = env[name];
  if (!password || !given || !URL.canParse(given)) return;
  const url = new URL(given);
  url.password = encodeURIComponent(password);
  env[name] = url.href;
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
const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** `90d`, `36h`, `10m`, `30s`: milliseconds; `off`: undefined. */
export const span = z
  .string()
  .regex(/^([1-9]\d{0,5}[smhd]|off)$/, 'must be a number and s, m, h or d, such as 90d, or "off"')
  .transform((text) => (text === 'off' ? undefined : Number.parseInt(text, 10) * UNIT_MS[text.at(-1) as 's']));
/** So many requests of one caller in so many seconds. */
export interface Quota {
  requests: number;
  windowSeconds: number;
}

/** `200/10s`: requests in a window of seconds; `off`: no limit. */
export const quota = z
  .string()
  .regex(/^([1-9]\d{0,6}\/[1-9]\d{0,3}s|off)$/, 'must be requests and seconds, such as 200/10s, or "off"')
  .transform((text): Quota | undefined => {
    const [requests, windowSeconds] = text.split('/').map((part) => Number.parseInt(part, 10)) as [number, number];
    return text === 'off' ? undefined : { requests, windowSeconds };
  });

/** On or off, as people write it: `1`, `true`, `yes`, `on`, or their opposites. */
export const flag = z.stringbool({ error: 'must be true or false' });

const url = (protocols: string[], more = '', holds = (_url: URL) => true) =>
  z
    .string({ error: 'is required' })
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol) && holds(new URL(value)),
      `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}${more}`,
    );
export const httpUrl = url(['http:', 'https:']).transform((value) => value.replace(/\/+$/, ''));
/** A URL of any scheme, with `//`: in "localhost:6379", "localhost" would be the scheme. */
export const anyUrl = z
  .string({ error: 'is required' })
  .refine((value) => value.includes('://') && URL.canParse(value), 'must be a URL, scheme and "://" included');
/** A URL with a login. A character such as / # % in its password would end the address early, or could not be decoded. */
const serverUrl = (protocols: string[], name: string) =>
  url(
    protocols,
    `; leave out a password with characters such as @ / # %, and set ${name}_PASSWORD`,
    ({ password, pathname, search, hash }) =>
      !/%(?![0-9a-f]{2})/i.test(password) && !`${pathname}${search}${hash}`.includes('@'),
  );
export const postgresUrl = serverUrl(['postgres:', 'postgresql:'], 'DATABASE');
export const redisUrl = serverUrl(['redis:', 'rediss:'], 'REDIS');

const unguessable = z.string().min(16, 'must be at least 16 characters');

/** A secret that travels in a header, which has no room for the line break that ends a file. */
export const secret = unguessable.regex(
  /^[\x21-\x7e]*$/,
  'must be printable ASCII, without a space or a line break, also at its end',
);

/** Other secrets than these are keys of signatures, and travel nowhere. */
export const secretCalled = (name: string) => (/_CREDENTIAL$|^OPERATOR_TOKEN$/.test(name) ? secret : unguessable);

/** The settings of every process with an HTTP interface; each declares its own PORT. */
export const httpProcessEnv = {
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('`development`, `test` or `production`, in which `OPERATOR_TOKEN` is required.'),
  HOST: z.string().default('0.0.0.0').describe('The address to listen on.'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('The least severe lines to log: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`.'),
  REPLICA: z
    .string()
    .max(100)
    .optional()
    .transform((name) => name ?? `${hostname()}-${process.pid}`)
    .describe('The name of this process; by default its host and process id.'),
  OPERATOR_TOKEN: secret.optional().describe('The secret of the command line, game days and the dashboard.'),
  IDENTITY_URL: httpUrl.optional().describe('Where identity-service publishes the keys of access tokens.'),
  OIDC_ISSUER: url(['http:', 'https:'])
    .optional()
    .describe(
      'An OpenID provider whose access tokens count in place of those of identity-service, exactly as it names itself.',
    ),
  OIDC_AUDIENCE: z.string().default(ACCESS_TOKEN.audience).describe('What the OpenID provider puts into `aud`.'),
  OIDC_ROLE_CLAIM: z
    .string()
    .default('roles')
    .describe(
      'The claim with the list of roles; `operator` makes an operator. A path may have dots: `realm_access.roles`.',
    ),
  TRUSTED_PROXIES: addresses
    .prefault('loopback')
    .describe(
      'Whose `X-Forwarded-For` is believed: addresses, networks, `loopback`, `private`, `none`; separated by commas.',
    ),
  LIMIT_EXEMPT: addresses
    .prefault('loopback')
    .describe('Callers without rate limits, written as in `TRUSTED_PROXIES`.'),
  LIMIT_READS: quota
    .prefault('20000/10s')
    .describe('Reads per caller: a principal, or the address of a guest. Requests and seconds, or `off`.'),
  LIMIT_WRITES: quota
    .prefault('20000/10s')
    .describe(
      'Orders, cancellations and other changes, per caller: 40 people behind one address with 50 a second each.',
    ),
  LIMIT_CONTROL: quota.prefault('600/60s').describe('Requests to `/api/admin`, per caller.'),
  LIMIT_SIGN_IN: quota.prefault('12000/60s').describe('Attempts to sign in or up, per address.'),
  LIMIT_WEBHOOKS: quota.prefault('20000/10s').describe("The payment provider's messages, per address."),
  LIMIT_TOKENS: quota
    .prefault('1000/10s')
    .describe('Access tokens that this process has not seen before, valid or not, per address.'),
  SHUTDOWN_GRACE_MS: milliseconds
    .default(15_000)
    .describe('How long the process may take to stop after `SHUTDOWN_DELAY_MS`; then it exits with code 1.'),
  SHUTDOWN_DELAY_MS: milliseconds
    .default(0)
    .describe(
      'How long to keep serving after SIGTERM: load balancers need this time to notice that the process is not ready.',
    ),
};
export type HttpProcessConfig = z.infer<z.ZodObject<typeof httpProcessEnv>> & { PORT: number };

/** The settings of every service. */
export const serviceEnv = {
  ...httpProcessEnv,
  ...recordOf(SECRET_VARIABLES, (name) => secretCalled(name).optional()),
  ACCESS: z
    .enum(['open', 'closed'])
    .default('open')
    .describe('`open`: everybody may look at every order, and cancel it. `closed`: its owner and operators.'),
  DATABASE_URL: postgresUrl.describe("The service's own PostgreSQL database."),
  DATABASE_PASSWORD: z.string().optional().describe('Put into `DATABASE_URL`; needs no escaping here.'),
  DATABASE_POOL_MAX: count.default(10).describe('Connections for orders; readers, probes and gauges have their own.'),
  DATABASE_READ_POOL_MAX: count
    .default(3)
    .describe('Connections for readers, and readers served at once; more wait 300 ms and are then shed with 429.'),
  REDIS_URL: redisUrl.describe('The Redis that all services share.'),
  REDIS_PASSWORD: z.string().optional().describe('Put into `REDIS_URL`; needs no escaping here.'),
  RETENTION: span
    .optional()
    .describe(
      'How long history is kept: orders, events, ledger, decisions, audit. `90d`, `36h` or `10m`; by default for ever.',
    ),
  CHAOS: flag.default(true).describe('`false`: no fault can be armed, and `/api/admin/chaos` answers 404.'),
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

/**
 * Checks that a service has its secrets: its own, and a credential for each edge of `calls` that it has an address for.
 * @throws {ConfigError} naming each that is missing
 */
export function requireSecrets(key: ServiceKey, config: ServiceConfig): Record<SecretVariable, string> {
  const given = config as unknown as Readonly<Record<string, unknown>>;
  const unused = declaration(key)
    .calls.filter((called) => given[urlVariable(called)] === undefined)
    .map((called) => credentialVariable(key, called));
  const missing = secretVariables(key).filter((name) => !given[name] && !unused.includes(name as CredentialVariable));
  if (missing.length === 0) return given as Record<SecretVariable, string>;
  throw new ConfigError(`The environment is not valid:\n${missing.map((name) => `  ${name}: is required`).join('\n')}`);
}

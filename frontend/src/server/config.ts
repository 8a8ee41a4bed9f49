import { hash, randomBytes } from 'node:crypto';
import { httpUrl, milliseconds, parseEnv, port } from '@valerix/service-kit/env';
import {
  COMPANIONS,
  declaration,
  perService,
  replicasUrlVariable,
  SERVICE_KEYS,
  type ServiceKey,
  type UrlVariable,
  urlVariable,
} from '@valerix/system';
import { z } from 'zod';

/** One URL, or the URLs of several replicas, separated by commas. */
const urls = z
  .string()
  .transform((value) => value.split(',').flatMap((one) => one.trim() || []))
  .pipe(z.array(httpUrl).min(1).max(20));

const serviceUrls = Object.fromEntries(
  SERVICE_KEYS.map((key) => {
    const { optional, port: usual } = declaration(key);
    return [urlVariable(key), urls.default(optional ? [] : [`http://127.0.0.1:${usual}`])];
  }),
) as Record<UrlVariable<ServiceKey>, z.ZodDefault<typeof urls>>;

const replicasUrls = Object.fromEntries(
  SERVICE_KEYS.map((key) => [replicasUrlVariable(key), urls.optional()]),
) as Record<ReturnType<typeof replicasUrlVariable<ServiceKey>>, z.ZodOptional<typeof urls>>;

const schema = z.object({
  PORT: port.default(COMPANIONS.dashboard.port),
  HOST: z.string().min(1).default('127.0.0.1'),
  DASHBOARD_URL: httpUrl.optional(),
  ...serviceUrls,
  ...replicasUrls,
  LABORATORY_URL: httpUrl.optional(),
  OPERATOR_TOKEN: z.string().min(1).optional(),
  ACCESS: z.enum(['open', 'closed']).default('open'),
  OIDC_ISSUER: z.url().optional(),
  OIDC_CLIENT_ID: z.string().min(1).default('valerix'),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_SCOPE: z.string().min(1).default('openid profile email offline_access'),
  OIDC_ROLE_CLAIM: z.string().min(1).default('roles'),
  SESSION_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  SIGN_IN_FILE: z.string().min(1).optional(),
  HISTORY_FILE: z.string().min(1).optional(),
  PROMETHEUS_URL: httpUrl.optional(),
  ALERTMANAGER_URL: httpUrl.optional(),
  SHUTDOWN_DELAY_MS: milliseconds.default(0),
});

/** Every variable that the dashboard reads; a test compares them with compose and Kubernetes. */
export const CONFIG_VARIABLES = Object.keys(schema.shape);

export type Config = Readonly<ReturnType<typeof readConfig>>;

/**
 * Reads the dashboard's environment. Without SESSION_SECRET the operator token takes its place, so that sessions outlive a restart.
 * @throws {ConfigError} with every problem
 */
export function readConfig(env: Record<string, string | undefined>) {
  const value = parseEnv(schema, env);
  const dashboardUrl = value.DASHBOARD_URL ?? `http://localhost:${value.PORT}`;
  return {
    dashboardUrl,
    /** The port in `DASHBOARD_URL`; the port listened at if that names none. It names the cookies. */
    publicPort: Number(new URL(dashboardUrl).port) || value.PORT,
    /** Where requests to each service go; empty for an optional service that is not installed. */
    urls: perService((key) => value[urlVariable(key)]),
    /** Where all replicas of each service are, one by one: `urls`, unless a balancer stands behind that. */
    replicaUrls: perService((key) => value[replicasUrlVariable(key)] ?? value[urlVariable(key)]),
    /** `null` without a laboratory. */
    laboratoryUrl: value.LABORATORY_URL ?? null,
    operatorToken: value.OPERATOR_TOKEN ?? null,
    /** `closed`: orders show themselves to their owners and to operators only. */
    access: value.ACCESS,
    /** The OpenID provider in place of identity-service; `null` with that service. */
    oidc:
      value.OIDC_ISSUER === undefined
        ? null
        : {
            issuer: value.OIDC_ISSUER,
            clientId: value.OIDC_CLIENT_ID,
            clientSecret: value.OIDC_CLIENT_SECRET ?? null,
            scope: value.OIDC_SCOPE,
            roleClaim: value.OIDC_ROLE_CLAIM,
          },
    sessionSecret: value.SESSION_SECRET ?? hash('sha256', `session ${value.OPERATOR_TOKEN ?? randomBytes(32)}`),
    signInFile: value.SIGN_IN_FILE ?? null,
    /** Where the charts' last hour outlives a restart; `null` for memory only. */
    historyFile: value.HISTORY_FILE ?? null,
    prometheusUrl: value.PROMETHEUS_URL ?? null,
    alertmanagerUrl: value.ALERTMANAGER_URL ?? null,
    /** For this long, milliseconds, the server keeps serving after it stops being ready. */
    shutdownDelayMs: value.SHUTDOWN_DELAY_MS,
  };
}

/** The configuration of this process. */
export const processConfig = (): Config => readConfig(process.env);

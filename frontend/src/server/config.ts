import { randomBytes } from 'node:crypto';
import {
  COMPANIONS,
  declaration,
  perService,
  SERVICE_KEYS,
  type ServiceKey,
  type UrlVariable,
  urlVariable,
} from '@valerix/system';
import { z } from 'zod';

const url = z
  .string()
  .refine((value) => URL.canParse(value) && /^https?:/.test(value), 'must be an http(s) URL')
  .transform((value) => value.replace(/\/+$/, ''));

/** One URL, or the URLs of several replicas, separated by commas. */
const urls = z
  .string()
  .transform((value) =>
    value
      .trim()
      .split(/\s*,\s*/)
      .filter(Boolean),
  )
  .pipe(z.array(url).min(1).max(20));

const serviceUrls = Object.fromEntries(
  SERVICE_KEYS.map((key) => [urlVariable(key), urls.default([`http://127.0.0.1:${declaration(key).port}`])]),
) as Record<UrlVariable<ServiceKey>, z.ZodDefault<typeof urls>>;

const schema = z.object({
  PORT: z.coerce.number().int().min(1).max(65535).default(COMPANIONS.dashboard.port),
  HOST: z.string().min(1).default('127.0.0.1'),
  DASHBOARD_URL: url.optional(),
  ...serviceUrls,
  LABORATORY_URL: url.optional(),
  OPERATOR_TOKEN: z.string().min(1).optional(),
  DASHBOARD_PASSWORD: z.string().min(8, 'must have at least 8 characters').optional(),
  SESSION_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  SIGN_IN_FILE: z.string().min(1).optional(),
  PROMETHEUS_URL: url.optional(),
  ALERTMANAGER_URL: url.optional(),
});

/** Every variable that the dashboard reads; a test compares them with compose and Kubernetes. */
export const CONFIG_VARIABLES = Object.keys(schema.shape);

export type Config = Readonly<ReturnType<typeof readConfig>>;

/**
 * Reads the dashboard's environment. An empty value counts as absent. Throws one error that lists every problem.
 * Without SESSION_SECRET the secret is random, and a restart ends all sessions.
 */
export function readConfig(env: Record<string, string | undefined>) {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(present);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`the dashboard's environment is not valid:\n${problems.join('\n')}`);
  }
  const value = parsed.data;
  return {
    dashboardUrl: value.DASHBOARD_URL ?? `http://localhost:${value.PORT}`,
    /** The replicas of each service. */
    urls: perService((key) => value[urlVariable(key)] as [string, ...string[]]),
    /** `null` without a laboratory: containers cannot start a fresh stack. */
    laboratoryUrl: value.LABORATORY_URL ?? null,
    operatorToken: value.OPERATOR_TOKEN ?? null,
    password: value.DASHBOARD_PASSWORD ?? null,
    sessionSecret: value.SESSION_SECRET ?? randomBytes(32).toString('base64url'),
    signInFile: value.SIGN_IN_FILE ?? null,
    prometheusUrl: value.PROMETHEUS_URL ?? null,
    alertmanagerUrl: value.ALERTMANAGER_URL ?? null,
  };
}

/** The configuration of this process. */
export const processConfig = (): Config => readConfig(process.env);

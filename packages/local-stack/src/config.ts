import { join, resolve } from 'node:path';
import { anyUrl, flag, operatorToken, parseEnv, wholeNumber } from '@valerix/service-kit/env';
import {
  COMPANION_KEYS,
  COMPANIONS,
  type CompanionKey,
  type DatabaseUrlVariable,
  databaseUrlVariable,
  type PortVariable,
  portVariable,
  recordOf,
  SERVICE_KEYS,
  SERVICES,
  type ServiceKey,
  type UrlVariable,
  urlVariable,
} from '@valerix/system';
import { z } from 'zod';

export { ConfigError } from '@valerix/service-kit/env';

export type Env = Readonly<Record<string, string | undefined>>;

/** The folder that holds the services' folders, `frontend/` and `gameday/`. */
export const repoRoot = resolve(import.meta.dirname, '../../..');

/** A process of Valerix in options: ports, replicas, environment. */
export type ProcessKey = ServiceKey | CompanionKey;

/** Every process that the system declares: a called service before its callers, then the companions. */
export const processKeys: readonly ProcessKey[] = [...SERVICE_KEYS, ...COMPANION_KEYS];

export type Ports = Record<ProcessKey | 'postgres' | 'redis', number>;

interface PortEntry {
  variable: PortVariable | 'POSTGRES_PORT' | 'REDIS_PORT';
  port: number;
}

/** Each default port, and the variable that moves it. */
export const portTable: Readonly<Record<keyof Ports, PortEntry>> = {
  ...recordOf(processKeys, (key) => ({ variable: portVariable(key), port: { ...SERVICES, ...COMPANIONS }[key].port })),
  // Not 5432 and 6379: a server of the machine's own may be there already.
  postgres: { variable: 'POSTGRES_PORT', port: 5433 },
  redis: { variable: 'REDIS_PORT', port: 6380 },
};

/** One port for each entry of the table. */
export const portsOf = (choose: (entry: PortEntry) => number): Ports =>
  recordOf(Object.keys(portTable) as (keyof Ports)[], (key) => choose(portTable[key]));

/** Addresses that the environment may give: what they name is used, neither started nor stopped. */
export const urlVariables: readonly (UrlVariable | DatabaseUrlVariable | 'REDIS_URL')[] = [
  ...processKeys.map(urlVariable),
  ...SERVICE_KEYS.map(databaseUrlVariable),
  'REDIS_URL',
];

export type GivenUrls = Partial<Record<(typeof urlVariables)[number], string>>;

/** The addresses and secrets of a running stack, as `.valerix/env` tells them. A companion that does not run has none. */
export type StackEnv = Record<UrlVariable<ServiceKey> | DatabaseUrlVariable | 'REDIS_URL' | 'OPERATOR_TOKEN', string> &
  Partial<Record<UrlVariable<CompanionKey>, string>>;

export interface LocalConfig {
  home: string;
  ports: Ports;
  given: GivenUrls;
  operatorToken?: string;
  /** Every log line on the terminal, not only warnings and errors. */
  verbose: boolean;
  /** Answers yes to the question `reset` asks. */
  yes: boolean;
  color: boolean;
}

/** The environment this process was started with: the only place where it is read. */
export function parentEnv(): Env {
  return process.env;
}

const fields = z.object({
  VALERIX_HOME: z.string().optional(),
  PORT_OFFSET: wholeNumber(0, 60_000).default(0),
  ...(Object.fromEntries(
    Object.values(portTable).map((entry) => [entry.variable, wholeNumber(1, 65_535).default(entry.port)]),
  ) as Record<PortEntry['variable'], z.ZodDefault<ReturnType<typeof wholeNumber>>>),
  ...recordOf(urlVariables, () => anyUrl.optional()),
  // The services refuse a shorter one too, but only when the databases are up already.
  OPERATOR_TOKEN: operatorToken.optional(),
  VALERIX_VERBOSE: flag.default(false),
  YES: flag.default(false),
  NO_COLOR: z.string().optional(),
  TERM: z.string().optional(),
});

const settings = fields.transform((values, ctx) => {
  const ports = portsOf(({ variable }) => {
    const shifted = values[variable] + values.PORT_OFFSET;
    const message = `plus PORT_OFFSET is ${shifted}; the highest port is 65535`;
    if (shifted > 65_535) ctx.addIssue({ code: 'custom', path: [variable], message });
    return shifted;
  });
  if (new Set(Object.values(ports)).size < Object.keys(ports).length) {
    ctx.addIssue({ code: 'custom', message: `two processes would share a port: ${JSON.stringify(ports)}` });
  }
  return { ...values, ports };
});

/**
 * The settings of the local stack.
 * @throws ConfigError naming every bad variable at once.
 */
export function readConfig(env: Env = parentEnv(), cwd: string = process.cwd()): LocalConfig {
  const values = parseEnv(settings, env);
  const given = urlVariables.filter((name) => values[name]);
  return {
    home: values.VALERIX_HOME ? resolve(cwd, values.VALERIX_HOME) : join(repoRoot, '.valerix'),
    ports: values.ports,
    given: recordOf(given, (name) => values[name]),
    operatorToken: values.OPERATOR_TOKEN,
    verbose: values.VALERIX_VERBOSE,
    yes: values.YES,
    // https://no-color.org: present and not empty, whatever the value.
    color: !values.NO_COLOR && values.TERM !== 'dumb',
  };
}

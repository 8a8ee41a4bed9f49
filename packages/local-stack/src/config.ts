import { join, resolve } from 'node:path';
import { anyUrl, flag, parseEnv, secretCalled, wholeNumber } from '@valerix/service-kit/env';
import {
  COMPANION_KEYS,
  COMPANIONS,
  type CompanionKey,
  type DatabaseUrlVariable,
  databaseUrlVariable,
  type PortVariable,
  portVariable,
  recordOf,
  SECRET_VARIABLES,
  SERVICE_KEYS,
  SERVICES,
  type SecretVariable,
  type ServiceKey,
  type UrlVariable,
  urlVariable,
} from '@valerix/system';
import { z } from 'zod';

export { ConfigError } from '@valerix/service-kit/env';

export type Env = Readonly<Record<string, string | undefined>>;

/** The folder that holds the services' folders, `frontend/` and `gameday/`. */
export const repoRoot = resolve(import.meta.dirname, '../../..');

/** Names a service or a companion in options: ports, replicas, environment. */
export type ProcessKey = ServiceKey | CompanionKey;

/** Every declared process: each service after the services it calls, then the companions. */
export const processKeys: readonly ProcessKey[] = [...SERVICE_KEYS, ...COMPANION_KEYS];

export type Ports = Record<ProcessKey | 'postgres' | 'redis', number>;

interface PortEntry {
  variable: PortVariable | 'POSTGRES_PORT' | 'REDIS_PORT';
  port: number;
}

/** Each default port and the variable that changes it. */
export const portTable: Readonly<Record<keyof Ports, PortEntry>> = {
  ...recordOf(processKeys, (key) => ({ variable: portVariable(key), port: { ...SERVICES, ...COMPANIONS }[key].port })),
  // Not 5432 and 6379: the machine may already run its own servers there.
  postgres: { variable: 'POSTGRES_PORT', port: 5433 },
  redis: { variable: 'REDIS_PORT', port: 6380 },
};

/** Chooses one port for each entry of the table. */
export const portsOf = (choose: (entry: PortEntry) => number): Ports =>
  recordOf(Object.keys(portTable) as (keyof Ports)[], (key) => choose(portTable[key]));

/** Addresses the environment may give: the stack uses those servers and neither starts nor stops them. */
export const urlVariables: readonly (UrlVariable | DatabaseUrlVariable | 'REDIS_URL')[] = [
  ...processKeys.map(urlVariable),
  ...SERVICE_KEYS.map(databaseUrlVariable),
  'REDIS_URL',
];

export type GivenUrls = Partial<Record<(typeof urlVariables)[number], string>>;

/**
 * The addresses and secrets of a running stack, as written to `.valerix/env`. A companion or an optional service that does not run
 * has no address.
 */
export type StackEnv = Record<
  UrlVariable<ServiceKey> | DatabaseUrlVariable | SecretVariable | 'REDIS_URL' | 'OPERATOR_TOKEN',
  string
> &
  Partial<Record<UrlVariable<CompanionKey>, string>>;

/** The operator's token and the secrets of the services: random, and kept across restarts. */
export const STACK_SECRETS: readonly (SecretVariable | 'OPERATOR_TOKEN')[] = ['OPERATOR_TOKEN', ...SECRET_VARIABLES];
export type StackSecrets = Record<(typeof STACK_SECRETS)[number], string>;

export interface LocalConfig {
  home: string;
  ports: Ports;
  given: GivenUrls;
  /** The secrets that the environment gives. */
  secrets: Partial<StackSecrets>;
  /** Every log line on the terminal, not only warnings and errors. */
  verbose: boolean;
  /** `reset` deletes without asking. */
  yes: boolean;
  color: boolean;
}

/** Variables that a shell holds for other programs, but that would change ours: node-postgres reads PG…, the services the rest. */
const FOREIGN = /^(PG[A-Z]+|PGCONNECT_TIMEOUT|DATABASE_PASSWORD|REDIS_PASSWORD|REPLICA)$/;
for (const name of Object.keys(process.env)) if (FOREIGN.test(name)) delete process.env[name];
// With NODE_USE_ENV_PROXY, requests to this machine would go through a proxy too.
process.env.NO_PROXY = [process.env.no_proxy ?? process.env.NO_PROXY, '127.0.0.1', 'localhost'].filter(Boolean).join();
delete process.env.no_proxy;
// Node keeps the compiled modules of the processes started from here: each next start costs about half the processor time.
process.env.NODE_COMPILE_CACHE ??= join(repoRoot, 'node_modules/.cache/node');

/** The environment of this process, read only here, without the variables meant for other programs. */
export const parentEnv = (): Env => process.env;

const fields = z.object({
  VALERIX_HOME: z.string().optional(),
  PORT_OFFSET: wholeNumber(0, 60_000).default(0),
  ...(Object.fromEntries(
    Object.values(portTable).map((entry) => [entry.variable, wholeNumber(1, 65_535).default(entry.port)]),
  ) as Record<PortEntry['variable'], z.ZodDefault<ReturnType<typeof wholeNumber>>>),
  ...recordOf(urlVariables, () => anyUrl.optional()),
  // The services also refuse a shorter one, but only after the databases are up.
  ...recordOf(STACK_SECRETS, (name) => secretCalled(name).optional()),
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
    secrets: recordOf(
      STACK_SECRETS.filter((name) => values[name]),
      (name) => values[name] as string,
    ),
    verbose: values.VALERIX_VERBOSE,
    yes: values.YES,
    // https://no-color.org: present and not empty, whatever the value.
    color: !values.NO_COLOR && values.TERM !== 'dumb',
  };
}

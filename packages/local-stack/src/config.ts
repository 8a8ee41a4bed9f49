import { isAbsolute, join, resolve } from 'node:path';
import {
  COMPANION_KEYS,
  COMPANIONS,
  type CompanionKey,
  type DatabaseUrlVariable,
  databaseUrlVariable,
  portVariable,
  SERVICE_KEYS,
  SERVICES,
  type ServiceKey,
  type UrlVariable,
  urlVariable,
} from '@valerix/system';

export type Env = Readonly<Record<string, string | undefined>>;

/** The folder that holds the services' folders, `frontend/` and `gameday/`. */
export const repoRoot = resolve(import.meta.dirname, '../../..');

/** A process of Valerix in options: ports, replicas, environment. */
export type ProcessKey = ServiceKey | CompanionKey;

/** Every process that the system declares: a called service before its callers, then the companions. */
export const processKeys: readonly ProcessKey[] = [...SERVICE_KEYS, ...COMPANION_KEYS];

export type Ports = Record<ProcessKey | 'postgres' | 'redis', number>;

/** Each default port, and the variable that moves it. */
export const portTable: Readonly<Record<keyof Ports, { variable: string; port: number }>> = {
  ...portsOf(SERVICES),
  ...portsOf(COMPANIONS),
  // Not 5432 and 6379: a server of the machine's own may be there already.
  postgres: { variable: 'POSTGRES_PORT', port: 5433 },
  redis: { variable: 'REDIS_PORT', port: 6380 },
};

function portsOf<K extends ProcessKey>(declared: Record<K, { port: number }>) {
  const rows = (Object.keys(declared) as K[]).map((key) => [
    key,
    { variable: portVariable(key), port: declared[key].port },
  ]);
  return Object.fromEntries(rows) as Record<K, { variable: string; port: number }>;
}

/** Addresses that the environment may give: what they name is used, neither started nor stopped. */
export const urlVariables: readonly (UrlVariable | DatabaseUrlVariable | 'REDIS_URL')[] = [
  ...processKeys.map(urlVariable),
  ...SERVICE_KEYS.map(databaseUrlVariable),
  'REDIS_URL',
];

export type GivenUrls = Partial<Record<(typeof urlVariables)[number], string>>;

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

export class ConfigError extends Error {}

/** The environment this process was started with: the only place where it is read. */
export function parentEnv(): Env {
  return process.env;
}

/**
 * The settings of the local stack.
 * @throws ConfigError naming every bad variable at once.
 */
export function readConfig(env: Env = parentEnv(), cwd: string = process.cwd()): LocalConfig {
  const problems: string[] = [];
  const ports = readPorts(env, problems);
  const given = readUrls(env, problems);
  const operatorToken = readToken(env, problems);
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return {
    home: homeFolder(env, cwd),
    ports,
    given,
    operatorToken,
    verbose: isOn(env.VALERIX_VERBOSE),
    yes: isOn(env.YES),
    // https://no-color.org: present and not empty, whatever the value.
    color: !env.NO_COLOR && env.TERM !== 'dumb',
  };
}

function homeFolder(env: Env, cwd: string): string {
  const given = env.VALERIX_HOME;
  if (!given) return join(repoRoot, '.valerix');
  return isAbsolute(given) ? given : resolve(cwd, given);
}

function readPorts(env: Env, problems: string[]): Ports {
  const offset = wholeNumber(env, 'PORT_OFFSET', 0, 0, 60_000, problems);
  const port = (key: keyof Ports): number => {
    const { variable, port: fallback } = portTable[key];
    const shifted = wholeNumber(env, variable, fallback, 1, 65_535, problems) + offset;
    if (shifted > 65_535) problems.push(`${variable} plus PORT_OFFSET is ${shifted}; the highest port is 65535.`);
    return shifted;
  };
  const ports = Object.fromEntries((Object.keys(portTable) as (keyof Ports)[]).map((key) => [key, port(key)])) as Ports;
  if (new Set(Object.values(ports)).size < Object.keys(ports).length) {
    problems.push(`Two processes would share a port: ${JSON.stringify(ports)}.`);
  }
  return ports;
}

function readUrls(env: Env, problems: string[]): GivenUrls {
  const given: GivenUrls = {};
  for (const name of urlVariables) {
    const value = env[name];
    if (!value) continue;
    // Of "localhost:6379", "localhost" would be the scheme.
    if (URL.canParse(value) && value.includes('://')) given[name] = value;
    else problems.push(`${name} must be a URL, scheme and "://" included.`);
  }
  return given;
}

// The services refuse a shorter one, but only when the databases are up already (packages/service-kit/src/env.ts).
const tokenLength = 16;

function readToken(env: Env, problems: string[]): string | undefined {
  const token = env.OPERATOR_TOKEN || undefined;
  if (token && token.length < tokenLength) problems.push(`OPERATOR_TOKEN must be at least ${tokenLength} characters.`);
  return token;
}

function wholeNumber(env: Env, name: string, fallback: number, min: number, max: number, problems: string[]): number {
  const text = env[name];
  if (!text) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  problems.push(`${name} must be a whole number from ${min} to ${max}, not "${text}".`);
  return fallback;
}

const isOn = (value: string | undefined): boolean => value !== undefined && !['', '0', 'false', 'no'].includes(value);

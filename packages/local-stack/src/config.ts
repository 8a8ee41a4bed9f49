import { isAbsolute, join, resolve } from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

/** The folder that holds `order-service/`, `inventory-service/`, `frontend/` and `gameday/`. */
export const repoRoot = resolve(import.meta.dirname, '../../..');

export interface Ports {
  dashboard: number;
  order: number;
  inventory: number;
  laboratory: number;
  postgres: number;
  redis: number;
}

/** Each default port, the variable that moves it and what listens there. */
export const portTable: Readonly<Record<keyof Ports, { variable: string; port: number; purpose: string }>> = {
  dashboard: { variable: 'DASHBOARD_PORT', port: 3000, purpose: 'the dashboard' },
  order: { variable: 'ORDER_PORT', port: 3001, purpose: 'order-service' },
  inventory: { variable: 'INVENTORY_PORT', port: 3002, purpose: 'inventory-service' },
  laboratory: { variable: 'LABORATORY_PORT', port: 3003, purpose: 'the laboratory' },
  // Not 5432 and 6379: a server of the machine's own may be there already.
  postgres: { variable: 'POSTGRES_PORT', port: 5433, purpose: 'PostgreSQL' },
  redis: { variable: 'REDIS_PORT', port: 6380, purpose: 'Redis' },
};

/** Addresses given in the environment: what they name is used, neither started nor stopped. */
export interface GivenUrls {
  ORDER_URL?: string;
  INVENTORY_URL?: string;
  DASHBOARD_URL?: string;
  LABORATORY_URL?: string;
  ORDER_DATABASE_URL?: string;
  INVENTORY_DATABASE_URL?: string;
  REDIS_URL?: string;
}

const urlVariables = [
  'ORDER_URL',
  'INVENTORY_URL',
  'DASHBOARD_URL',
  'LABORATORY_URL',
  'ORDER_DATABASE_URL',
  'INVENTORY_DATABASE_URL',
  'REDIS_URL',
] as const satisfies readonly (keyof GivenUrls)[];

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
  const ports = {
    dashboard: port('dashboard'),
    order: port('order'),
    inventory: port('inventory'),
    laboratory: port('laboratory'),
    postgres: port('postgres'),
    redis: port('redis'),
  };
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

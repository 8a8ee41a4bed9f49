import { readEnvFile } from '@valerix/local-stack/home/env-file';
import { homeAt } from '@valerix/local-stack/home/home';
import { databaseUrlVariable, MANDATORY_KEYS, perService, urlVariable } from '@valerix/system';
import type { Env } from '../config.ts';
import { type Target, TargetError } from './target.ts';

/** The `.valerix/env` of a running stack; empty when there is none. */
export const readStackEnv = (home: string): Record<string, string> => ({ ...readEnvFile(homeAt(home)) });

/** The variables with the addresses of the databases that every system has; a caller before the services it calls. */
export const DATABASE_VARIABLES = MANDATORY_KEYS.toReversed().map(databaseUrlVariable);

/** The variables with the addresses that every target has. */
export const ADDRESS_VARIABLES = [...MANDATORY_KEYS.toReversed().map(urlVariable), ...DATABASE_VARIABLES];

/**
 * The services at the addresses in these variables. A URL may be a comma-separated list of replicas. A service that the system does not
 * have has no addresses.
 */
export const servicesOf = (env: Env): Target['services'] =>
  perService((key) => ({
    urls: env[urlVariable(key)]?.split(',') ?? [],
    databaseUrl: env[databaseUrlVariable(key)] ?? '',
  }));

/** @throws {TargetError} naming the variables that are not set */
export function requireVariables(env: Env, names: readonly string[]): void {
  const missing = names.filter((name) => !env[name]);
  if (missing.length === 0) return;
  const what =
    "the addresses as seen from here, and the operator's token; the component laboratory sets them in a cluster";
  throw new TargetError(`Set ${missing.join(', ')}: ${what}.`);
}

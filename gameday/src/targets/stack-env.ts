import { readEnvFile } from '@valerix/local-stack/home/env-file';
import { homeAt } from '@valerix/local-stack/home/home';
import { databaseUrlVariable, perService, SERVICE_KEYS, urlVariable } from '@valerix/system';
import type { Env } from '../config.ts';
import type { Target } from './target.ts';

/** The `.valerix/env` of a running stack; empty when there is none. */
export const readStackEnv = (home: string): Record<string, string> => ({ ...readEnvFile(homeAt(home)) });

/** The variables with the addresses of the databases; a caller before the services it calls. */
export const DATABASE_VARIABLES = SERVICE_KEYS.toReversed().map(databaseUrlVariable);

/** The variables with the addresses of a target. */
export const ADDRESS_VARIABLES = [...SERVICE_KEYS.toReversed().map(urlVariable), ...DATABASE_VARIABLES];

/** The services at the addresses in these variables. A URL may be a comma-separated list of replicas. */
export const servicesOf = (env: Env): Target['services'] =>
  perService((key) => ({
    urls: (env[urlVariable(key)] ?? '').split(','),
    databaseUrl: env[databaseUrlVariable(key)] ?? '',
  }));

import { readEnvFile } from '@valerix/local-stack/home/env-file';
import { homeAt } from '@valerix/local-stack/home/home';
import { databaseUrlVariable, perService, SERVICE_KEYS, urlVariable } from '@valerix/system';
import type { Target } from './target.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What a running stack says of itself in its `.valerix/env`; empty when there is none. */
export const readStackEnv = (home: string): Record<string, string> => ({ ...readEnvFile(homeAt(home)) });

/** The variables that name the services' databases; a caller before those it calls. */
export const DATABASE_VARIABLES = SERVICE_KEYS.toReversed().map(databaseUrlVariable);

/** The variables that a target is reached by. */
export const ADDRESS_VARIABLES = [...SERVICE_KEYS.toReversed().map(urlVariable), ...DATABASE_VARIABLES];

/** The services where these variables say that they are. Each URL may be a list with commas, of replicas. */
export const servicesOf = (env: Env): Target['services'] =>
  perService((key) => ({
    urls: (env[urlVariable(key)] ?? '').split(','),
    databaseUrl: env[databaseUrlVariable(key)] ?? '',
  }));

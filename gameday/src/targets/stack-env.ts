import { readEnvFile } from '@valerix/local-stack/home/env-file';
import { homeAt } from '@valerix/local-stack/home/home';

/** What a running stack says of itself in its `.valerix/env`; empty when there is none. */
export const readStackEnv = (home: string): Record<string, string> => ({ ...readEnvFile(homeAt(home)) });

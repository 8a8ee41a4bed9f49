import { withClient } from '@valerix/local-stack/servers/databases';
import { SERVICE_KEYS } from '@valerix/system';
import type { Target } from '../targets/target.ts';
import type { Cut, DroppedGuards } from './cut.ts';

export { applyCuts, type Cut, type DroppedGuards } from './cut.ts';

const preload = new URL('./preload.ts', import.meta.url).href;

/** The variables that start a service in laboratory mode, with these cuts in its source. The process reports it on stderr. */
export function laboratoryEnv(without: string, cuts: readonly Cut[]): Record<string, string> {
  return { NODE_OPTIONS: `--import=${preload}`, VALERIX_LABORATORY: JSON.stringify({ without, cuts }) };
}

/** Drops the schemas' own guards for good: only for the databases of a stack that is thrown away. */
export async function dropGuards({ services }: Pick<Target, 'services'>, guards: DroppedGuards = {}): Promise<void> {
  for (const key of SERVICE_KEYS) {
    const sql = guards[key];
    if (sql) await withClient(services[key].databaseUrl, (client) => client.query(sql));
  }
}

import { SERVICE_KEYS } from '@valerix/system';
import pg from 'pg';
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
  for (const key of SERVICE_KEYS) if (guards[key]) await execute(services[key].databaseUrl, guards[key]);
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

import { randomBytes } from 'node:crypto';
import { declaration, type ServiceKey } from '@valerix/system';
import { Redis } from 'ioredis';
import { parentEnv } from './config.ts';
import { createDatabase, dropDatabase } from './servers/databases.ts';
import { hasMigrations, migrate } from './stack/migrations.ts';
import type { Servers } from './stack/servers.ts';

/** The template of a service's test databases, created once per test run. */
export const templateName = (key: ServiceKey) => `${key}_template` as const;

/**
 * Creates the database `<service>_template` and runs the service's migrations on it.
 * @returns its name, or undefined (with a warning) when the service has no migrations
 */
export async function migratedTemplate(servers: Servers, key: ServiceKey): Promise<string | undefined> {
  const { name: folder } = declaration(key);
  if (!hasMigrations(folder)) {
    console.warn(`No template database for ${folder}: ${folder}/src/migrate.ts does not exist yet.`);
    return undefined;
  }
  const name = templateName(key);
  await migrate(folder, await servers.createDatabase(name), parentEnv());
  return name;
}

export interface FreshDatabase {
  url: string;
  /** Closes its connections and deletes it. */
  drop(): Promise<void>;
}

/**
 * Copies a template to a new database for the caller alone: about 50 ms, where migrations take seconds.
 * @param baseUrl any database of the server
 */
export async function freshDatabase(baseUrl: string, template: string): Promise<FreshDatabase> {
  const name = `${template.replace(/_template$/, '')}_${randomBytes(6).toString('hex')}`;
  const admin = withDatabase(baseUrl, 'postgres');
  await createDatabase(admin, name, template);
  return { url: withDatabase(baseUrl, name), drop: () => dropDatabase(admin, name) };
}

/** The same server, another database. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}

const DATABASES = 512;

/**
 * Empties a Redis database that no other caller of this run has (1 to 511, in turn) and returns its address.
 * Published messages cross database numbers: give channels distinct names where that matters.
 */
export async function freshRedis(redisUrl: string): Promise<string> {
  const shared = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  try {
    const turn = await shared.incr('valerix:tests:databases');
    const number = 1 + ((turn - 1) % (DATABASES - 1));
    await shared.select(number);
    await shared.flushdb();
    return `${redisUrl}/${number}`;
  } finally {
    shared.disconnect();
  }
}

import { join } from 'node:path';
import { declaration, type ServiceKey } from '@valerix/system';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { z } from 'zod';
import { pause } from './backoff.ts';
import { processEnv } from './config.ts';
import { parseEnv, postgresUrl } from './env.ts';

/** How long to wait for a database that cannot be connected to yet, milliseconds. */
const WAIT_MS = 60_000;

/**
 * Brings the database of a service, which DATABASE_URL names, up to date. `folder` holds plain SQL files, run in the order of
 * their names, each once. Then the same
 * for the tables the kit keeps in every service's database. Safe to run at the same time from several processes: an advisory lock makes them take turns.
 * @throws {ConfigError}
 */
export async function migrate(key: ServiceKey, folder: string, env = processEnv()): Promise<void> {
  const { DATABASE_URL: databaseUrl } = parseEnv(z.object({ DATABASE_URL: postgresUrl }), env);
  const log = (line: string) => void process.stdout.write(`${declaration(key).name}: ${line}\n`);
  await waitForDatabase(databaseUrl, WAIT_MS, log);
  const run = (dir: string, migrationsTable: string) =>
    runner({
      databaseUrl,
      dir,
      direction: 'up',
      migrationsTable,
      checkOrder: true,
      advisoryLockMode: 'wait',
      logger: { debug: () => {}, info: () => {}, warn: log, error: log },
    });
  const done = [
    ...(await run(folder, 'schema_migrations')),
    ...(await run(join(import.meta.dirname, '../migrations'), 'kit_migrations')),
  ];
  log(done.length === 0 ? 'the schema is up to date' : `applied ${done.map((m) => m.name).join(', ')}`);
}

async function waitForDatabase(url: string, waitMs: number, log: (line: string) => void): Promise<void> {
  const end = performance.now() + waitMs;
  for (let told = false; ; told = true) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      // Whatever the reason: the server, the database, its role and its password may all be made after this process began.
      if (performance.now() > end) throw error;
      if (!told) log(`waiting for the database: ${(error as Error).message}`);
      await pause(500);
    }
  }
}

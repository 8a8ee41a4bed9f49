import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { pause } from './backoff.ts';
import { isDatabaseUnavailable } from './postgres.ts';

export interface MigrateOptions {
  databaseUrl: string;
  /** Folder of plain SQL files, run in the order of their names, each once. */
  folder: string;
  log(line: string): void;
  /** How long to wait for a database that does not answer yet, milliseconds. */
  waitMs?: number;
}

/** Brings a database up to date. Safe to run at the same time from several processes: an advisory lock makes them take turns. */
export async function migrate(options: MigrateOptions): Promise<void> {
  await waitForDatabase(options.databaseUrl, options.waitMs ?? 60_000, options.log);
  const done = await runner({
    databaseUrl: options.databaseUrl,
    dir: options.folder,
    direction: 'up',
    migrationsTable: 'schema_migrations',
    checkOrder: true,
    advisoryLockMode: 'wait',
    logger: { debug: () => {}, info: () => {}, warn: options.log, error: options.log },
  });
  options.log(done.length === 0 ? 'the schema is up to date' : `applied ${done.map((m) => m.name).join(', ')}`);
}

async function waitForDatabase(url: string, waitMs: number, log: (line: string) => void): Promise<void> {
  const end = performance.now() + waitMs;
  for (let told = false; ; told = true) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (performance.now() > end || !isDatabaseUnavailable(error)) throw error;
      if (!told) log('waiting for the database');
      await pause(500);
    }
  }
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { declaration, type ServiceKey } from '@valerix/system';
import pg from 'pg';
import { z } from 'zod';
import { pause } from './backoff.ts';
import { processEnv } from './config.ts';
import { advise, refusePooler } from './database-address.ts';
import { milliseconds, parseEnv, postgresUrl } from './env.ts';
import { whileLocked } from './migration-locks.ts';

/** How long to wait for a database that cannot be connected to yet, milliseconds. */
const WAIT_MS = 60_000;
/** The number of the advisory lock; older versions, which used node-pg-migrate, take the same one. */
const TURN = 7_241_865_325_823_964;

const settings = z.object({
  DATABASE_URL: postgresUrl,
  DATABASE_PASSWORD: z.string().optional(),
  MIGRATION_PATIENCE_MS: milliseconds.default(100_000).describe('How long a migration retries to get a lock.'),
});

/**
 * Brings the database of a service, which DATABASE_URL names, up to date. `folder` holds plain SQL files, run in the order of
 * their names, each once and in a transaction of its own. Then the same for the tables the kit keeps in every service's
 * database. A file whose first line is `-- no transaction` holds one statement, such as CREATE INDEX CONCURRENTLY IF NOT EXISTS.
 *
 * Orders go on meanwhile: a file that does not get its locks at once is tried again later. Safe to run at the same time from
 * several processes: an advisory lock makes them take turns.
 * @throws {ConfigError}
 * @throws Error naming the sessions that held a lock for too long; the files before are applied
 */
export async function migrate(key: ServiceKey, folder: string, env = processEnv()): Promise<void> {
  const { DATABASE_URL: url, MIGRATION_PATIENCE_MS: patienceMs } = parseEnv(settings, env);
  const log = (line: string) => void process.stdout.write(`${declaration(key).name}: ${line}\n`);
  const client = await connect(url, `${declaration(key).name} migrations`, log);
  const watcher = await connect(url, `${declaration(key).name} migrations`, log);
  const sessions = { client, watcher, patienceMs, log };
  const patiently = (what: string, work: () => Promise<unknown>) => whileLocked(sessions, what, work);
  try {
    await patiently('the turn to migrate', () => client.query('SELECT pg_advisory_lock($1)', [TURN]));
    const done: string[] = [];
    for (const [dir, table] of [
      [folder, 'schema_migrations'],
      [join(import.meta.dirname, '../migrations'), 'kit_migrations'],
    ] as const) {
      for (const migration of await pendingIn(client, dir, table)) {
        await patiently(migration.name, () => apply(client, table, migration));
        done.push(migration.name);
      }
    }
    log(done.length === 0 ? 'the schema is up to date' : `applied ${done.join(', ')}`);
  } finally {
    await Promise.all([client.end(), watcher.end()]);
  }
}

interface Migration {
  /** The name of the file without `.sql`. */
  name: string;
  sql: string;
}

/** @throws Error when a file stands before one that was already applied */
async function pendingIn(client: pg.Client, folder: string, table: string): Promise<Migration[]> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${table} (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)`,
  );
  const { rows: applied } = await client.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY run_on, id`);
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
  for (const [index, name] of names.slice(0, applied.length).entries()) {
    if (name !== applied[index]?.name) throw new Error(`${name} comes before ${applied[index]?.name}, already applied`);
  }
  return names.slice(applied.length).map((name) => ({ name, sql: readFileSync(join(folder, `${name}.sql`), 'utf8') }));
}

async function apply(client: pg.Client, table: string, { name, sql }: Migration): Promise<void> {
  const transactional = !/^-- no transaction\s*\n/.test(sql);
  try {
    if (transactional) await client.query('BEGIN');
    for (const statement of transactional ? [sql] : await onEachPart(client, sql)) {
      if (!transactional) await prepareConcurrent(client, statement);
      await client.query(statement);
    }
    await client.query(`INSERT INTO ${table} (name, run_on) VALUES ($1, now())`, [name]);
    if (transactional) await client.query('COMMIT');
  } catch (error) {
    if (transactional) await client.query('ROLLBACK');
    throw error;
  }
}

/**
 * A retention divides tables into parts (ADR 24). PostgreSQL makes no index concurrently on all of them, so each gets its own; the
 * newest first, because the next part is made like it.
 */
async function onEachPart(client: pg.Client, sql: string): Promise<string[]> {
  const [found, index = '', table = ''] = /\b(\w+)\s+ON\s+(\w+)/i.exec(sql.replaceAll(/--.*$/gm, '')) ?? [];
  const { rows } = await client.query<{ part: string }>(
    `SELECT relname AS part FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
     WHERE inhparent = to_regclass($1) ORDER BY relname DESC`,
    [table],
  );
  if (!found || rows.length === 0) return [sql];
  // A part that was made by hand may have any name.
  const nameFor = (part: string) => index + (part.startsWith(table) ? part.slice(table.length) : `_${part}`);
  return rows.map(({ part }) => sql.replace(found, `${nameFor(part)} ON ${part}`));
}

/** Drops the unfinished indexes of a failed run: PostgreSQL keeps them, and IF NOT EXISTS would accept them. */
async function prepareConcurrent(client: pg.Client, sql: string): Promise<void> {
  const statement = sql.replaceAll(/--.*$/gm, '');
  if (!/\bCONCURRENTLY\b/i.test(statement)) return;
  // It waits for all older transactions, and no statement waits for it.
  await client.query('SET lock_timeout = 0');
  for (const [, name] of statement.matchAll(/\bINDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w."]+)/gi)) {
    const { rows } = await client.query<{ index: string }>(
      'SELECT indexrelid::regclass AS index FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid',
      [name],
    );
    for (const { index } of rows) await client.query(`DROP INDEX CONCURRENTLY ${index}`);
  }
}

async function connect(url: string, application_name: string, log: (line: string) => void): Promise<pg.Client> {
  const end = performance.now() + WAIT_MS;
  for (let told = false; ; told = true) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, application_name });
    // A connection that is lost fails the statement on it, or the next one.
    client.on('error', () => {});
    try {
      await client.connect();
      await refusePooler(client);
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      // Most other causes pass: the server, the database, its role and its password may be created after this process starts.
      if (advise(error as Error) || performance.now() > end) throw error;
      if (!told) log(`waiting for the database: ${(error as Error).message}`);
      await pause(500);
    }
  }
}

import { randomBytes } from 'node:crypto';
import dns from 'node:dns';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServers } from '@valerix/local-stack';
import { freshDatabase, withDatabase } from '@valerix/local-stack/testing';
import pg from 'pg';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { migrate } from '../src/migrate.ts';

const ORDER_MIGRATIONS = join(import.meta.dirname, '../../../order-service/migrations');

it('migrations that begin before their database, role and password exist wait for all of them', async () => {
  const admin = await connected(withDatabase(inject('postgresUrl'), 'postgres'));
  const name = `late_${randomBytes(6).toString('hex')}`;
  const url = new URL(withDatabase(inject('postgresUrl'), name));
  url.username = name;
  url.password = '';
  try {
    const migrating = migrate('order', ORDER_MIGRATIONS, {
      DATABASE_URL: url.href,
      DATABASE_PASSWORD: '@ / # % $ ?',
    });
    await sleep(1_000);
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '@ / # % $ ?'`);
    await sleep(1_000);
    await admin.query(`CREATE DATABASE ${name} OWNER ${name}`);
    await migrating;
    url.password = encodeURIComponent('@ / # % $ ?');
    const migrated = new pg.Client({ connectionString: url.href });
    await migrated.connect();
    expect((await migrated.query('SELECT count(*)::int AS n FROM orders')).rows).toEqual([{ n: 0 }]);
    await migrated.end();
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS ${name}`);
    await admin.query(`DROP ROLE IF EXISTS ${name}`);
  }
});

it('a migrated database lets its owner connect, and no other role, whoever made it', async () => {
  const admin = await connected(withDatabase(inject('postgresUrl'), 'postgres'));
  const name = `own_${randomBytes(6).toString('hex')}`;
  const url = new URL(withDatabase(inject('postgresUrl'), name));
  const mayConnect = `SELECT has_database_privilege('${name}', '${name}', 'CONNECT') AS owner,
    has_database_privilege('${name}_other', '${name}', 'CONNECT') AS other`;
  try {
    for (const role of [name, `${name}_other`]) await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    await admin.query(`CREATE DATABASE ${name} OWNER ${name}`);
    expect((await admin.query(mayConnect)).rows).toEqual([{ owner: true, other: true }]);
    [url.username, url.password] = [name, 'secret'];
    await migrate('order', ORDER_MIGRATIONS, { DATABASE_URL: url.href });
    expect((await admin.query(mayConnect)).rows).toEqual([{ owner: true, other: false }]);
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    for (const role of [name, `${name}_other`]) await admin.query(`DROP ROLE IF EXISTS ${role}`);
  }
});

it('migrations that begin before the server has a name, listens, and knows the password wait for all of them', async () => {
  const servers = await startServers();
  onTestFinished(() => servers.stop());
  const url = await servers.createDatabase('late');
  const admin = await connected(url);
  await admin.query("CREATE ROLE late LOGIN PASSWORD 'the one before'");
  await admin.query('ALTER DATABASE late OWNER TO late');
  // Unlike the tests' own role, this one needs its password.
  const [{ hba_file: rules }] = (await admin.query<{ hba_file: string }>('SHOW hba_file')).rows as [
    { hba_file: string },
  ];
  writeFileSync(rules, `host all late 127.0.0.1/32 scram-sha-256\n${readFileSync(rules, 'utf8')}`);
  await admin.query('SELECT pg_reload_conf()');
  const server = new URL(url);
  const seen = { lookups: 0, connections: 0 };
  const forwarder = createServer((client) => {
    seen.connections++;
    const upstream = connect(Number(server.port), server.hostname);
    client.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => client.destroy()).pipe(client);
  });
  // Take a port and give it back: until the forwarder listens again, connections are refused.
  await once(forwarder.listen(0, '127.0.0.1'), 'listening');
  const { port } = forwarder.address() as AddressInfo;
  await new Promise((resolve) => forwarder.close(resolve));
  let hasName = false;
  const { lookup } = dns;
  const spy = vi.spyOn(dns, 'lookup').mockImplementation(((host: string, options: never, callback: never) => {
    if (host !== 'postgres.test') return lookup(host, options, callback);
    seen.lookups++;
    if (hasName) return lookup('127.0.0.1', options, callback);
    const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND postgres.test'), { code: 'ENOTFOUND' });
    setImmediate(callback as (error: Error) => void, unknown);
  }) as typeof dns.lookup);
  try {
    const migrating = migrate('order', ORDER_MIGRATIONS, {
      DATABASE_URL: `postgres://late@postgres.test:${port}/late`,
      DATABASE_PASSWORD: 'the new one',
    });
    await eventually(() => expect(seen.lookups).toBeGreaterThan(1));
    hasName = true;
    const before = seen.lookups;
    await eventually(() => expect(seen.lookups).toBeGreaterThan(before + 2));
    await once(forwarder.listen(port, '127.0.0.1'), 'listening');
    await eventually(() => expect(seen.connections).toBeGreaterThan(1));
    await admin.query("ALTER ROLE late PASSWORD 'the new one'");
    await migrating;
  } finally {
    spy.mockRestore();
    forwarder.close();
  }
});

it('each file is applied whole or not at all, and the files before it stay', async () => {
  const { url, client } = await database();
  const files = {
    '0001_one.sql': 'CREATE TABLE one (id int)',
    '0002_two.sql': 'CREATE TABLE two (id int); SELECT nothing',
  };
  await expect(migrate('order', folderOf(files), { DATABASE_URL: url })).rejects.toThrow('nothing');
  expect(await names(client)).toEqual(['0001_one']);
  const tables = "SELECT to_regclass('one') IS NOT NULL AS one, to_regclass('two') IS NOT NULL AS two";
  expect((await client.query(tables)).rows).toEqual([{ one: true, two: false }]);

  await migrate('order', folderOf({ ...files, '0002_two.sql': 'CREATE TABLE two (id int) -- mended' }), {
    DATABASE_URL: url,
  });
  expect(await names(client)).toEqual(['0001_one', '0002_two']);
});

it('a file that comes before an applied one is refused', async () => {
  const { url } = await database();
  await migrate('order', folderOf({ '0002_two.sql': 'SELECT 2' }), { DATABASE_URL: url });
  const late = folderOf({ '0001_one.sql': 'SELECT 1', '0002_two.sql': 'SELECT 2' });
  await expect(migrate('order', late, { DATABASE_URL: url })).rejects.toThrow('0001_one comes before 0002_two');
});

describe('a migration that waits for a lock', () => {
  const COLUMN = { '0001_column.sql': 'ALTER TABLE busy ADD COLUMN note text' };

  it('lets the statements behind it run, and is applied once the lock is free', async () => {
    const { url, client } = await database('CREATE TABLE busy (id int)');
    const dump = await holding(url, 'LOCK TABLE busy IN ACCESS SHARE MODE');
    const migrating = migrate('order', folderOf(COLUMN), { DATABASE_URL: url });
    await eventually(() => waits(client));
    // Longer than a migration may ask for a lock, as short as an order may take.
    await client.query("SET statement_timeout = '2s'");
    for (let n = 0; n < 20; n++) await client.query('INSERT INTO busy VALUES ($1)', [n]);
    await dump.query('COMMIT');
    await migrating;
    expect((await client.query('SELECT count(note)::int AS notes FROM busy')).rows).toEqual([{ notes: 0 }]);
  });

  it('ends with the name of the session that holds the lock, and changes nothing', async () => {
    const { url, client } = await database('CREATE TABLE busy (id int)');
    await holding(url, 'LOCK TABLE busy IN ACCESS SHARE MODE', 'pg_dump');
    const migrating = migrate('order', folderOf(COLUMN), { DATABASE_URL: url, MIGRATION_PATIENCE_MS: '2000' });
    await expect(migrating).rejects.toThrow(
      /^0001_column got no lock .* held by pid \d+ \(pg_dump, role valerix, in a transaction for \d+ s\)/,
    );
    expect(await names(client)).toEqual([]);
  });

  it('says the same of a session that migrates', async () => {
    const { url } = await database();
    await holding(url, 'SELECT pg_advisory_lock(7241865325823964)', 'another migration');
    const migrating = migrate('order', folderOf(COLUMN), { DATABASE_URL: url, MIGRATION_PATIENCE_MS: '2000' });
    await expect(migrating).rejects.toThrow(/^the turn to migrate got no lock .*another migration/);
  });

  it('has PostgreSQL cancel the autovacuum that holds it', async () => {
    const servers = await startServers();
    onTestFinished(() => servers.stop());
    const url = await servers.createDatabase('vacuumed');
    const client = await connected(url);
    await client.query(`
      CREATE TABLE busy (id int, filler text);
      INSERT INTO busy SELECT n, repeat('x', 500) FROM generate_series(1, 20000) AS n;
      ALTER TABLE busy SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
                            autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
      DELETE FROM busy`);
    await client.query('ALTER SYSTEM SET autovacuum_naptime = 1');
    await client.query('SELECT pg_reload_conf()');
    await eventually(async () => {
      const { rowCount } = await client.query(
        "SELECT FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%public.busy%'",
      );
      expect(rowCount).toBe(1);
    }, 20_000);
    await migrate('order', folderOf(COLUMN), { DATABASE_URL: url, MIGRATION_PATIENCE_MS: '5000' });
    expect(await names(client)).toEqual(['0001_column']);
  });
});

describe('a file without a transaction', () => {
  const INDEX =
    '-- no transaction\n-- One key, once.\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS busy_once ON busy (id);\n';
  const isValid = async (client: pg.Client) =>
    (await client.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'busy_once'::regclass")).rows;

  it('is run again after it failed, and its unfinished index is replaced', async () => {
    const { url, client } = await database('CREATE TABLE busy (id int); INSERT INTO busy VALUES (1), (1)');
    const folder = folderOf({ '0001_index.sql': INDEX });
    await expect(migrate('order', folder, { DATABASE_URL: url })).rejects.toThrow('could not create unique index');
    expect(await isValid(client)).toEqual([{ indisvalid: false }]);

    await client.query('DELETE FROM busy WHERE ctid = (SELECT min(ctid) FROM busy)');
    await migrate('order', folder, { DATABASE_URL: url });
    expect(await isValid(client)).toEqual([{ indisvalid: true }]);
    expect(await names(client)).toEqual(['0001_index']);
  });

  it('is made on each part of a table that a retention divided', async () => {
    const { url, client } = await database(`CREATE TABLE busy (id int) PARTITION BY RANGE (id);
      CREATE TABLE old_busy PARTITION OF busy FOR VALUES FROM (MINVALUE) TO (0);
      CREATE TABLE busy_before PARTITION OF busy FOR VALUES FROM (0) TO (1);
      CREATE TABLE busy_from_2026 PARTITION OF busy FOR VALUES FROM (1) TO (MAXVALUE)`);
    await migrate('order', folderOf({ '0001_index.sql': INDEX }), { DATABASE_URL: url });
    const { rows } = await client.query(
      "SELECT indexname AS name FROM pg_indexes WHERE tablename LIKE '%busy%' ORDER BY 1",
    );
    expect(rows.map(({ name }) => name)).toEqual(['busy_once_before', 'busy_once_from_2026', 'busy_once_old_busy']);
    expect(await names(client)).toEqual(['0001_index']);
  });

  it('is run again after it was carried out and not recorded', async () => {
    const { url, client } = await database('CREATE TABLE busy (id int); CREATE UNIQUE INDEX busy_once ON busy (id)');
    await migrate('order', folderOf({ '0001_index.sql': INDEX }), { DATABASE_URL: url });
    expect(await names(client)).toEqual(['0001_index']);
  });

  it('waits for older transactions as long as they take, beside other processes that migrate', async () => {
    const { url, client } = await database('CREATE TABLE busy (id int)');
    const old = await holding(url, 'INSERT INTO busy VALUES (1)');
    const folder = folderOf({ '0001_index.sql': INDEX });
    const migrating = Promise.all([1, 2, 3].map(() => migrate('order', folder, { DATABASE_URL: url })));
    await eventually(() => waits(client));
    await client.query('INSERT INTO busy VALUES (2)');
    await old.query('COMMIT');
    await migrating;
    expect(await isValid(client)).toEqual([{ indisvalid: true }]);
    expect(await names(client)).toEqual(['0001_index']);
  });
});

async function connected(url: string, application_name = 'test'): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function database(sql = ''): Promise<{ url: string; client: pg.Client }> {
  const { url, drop } = await freshDatabase(inject('postgresUrl'), 'template0');
  onTestFinished(drop);
  const client = await connected(url);
  await client.query(sql);
  return { url, client };
}

/** A session that keeps what it locked until its transaction ends. */
async function holding(url: string, sql: string, name?: string): Promise<pg.Client> {
  const client = await connected(url, name);
  await client.query('BEGIN');
  await client.query(sql);
  return client;
}

/** Passes while a migration of this database waits for a lock. */
async function waits(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database()
     AND application_name = 'order-service migrations' AND wait_event_type = 'Lock'`,
  );
  expect(rowCount).toBeGreaterThan(0);
}

async function names(client: pg.Client): Promise<string[]> {
  return (await client.query<{ name: string }>('SELECT name FROM schema_migrations ORDER BY id')).rows.map(
    ({ name }) => name,
  );
}

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-migrations-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

import { execFile, execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { integrity, ledgerPage } from '@valerix/contracts';
import { checkDatabases } from '@valerix/gameday/checker';
import { type Stack, startStack } from '@valerix/local-stack';
import { MANDATORY_KEYS } from '@valerix/system';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { startLoad } from '../../test/support/load.ts';
import { restockAll } from '../../test/support/restock.ts';
import { type PostgresWithTools, startPostgresWithTools, toolsFolder } from './postgres-with-tools.ts';
import { root } from './render.ts';

const scripts = join(root, 'k8s/components/backup');
const bin = toolsFolder();
if (!bin) {
  console.warn(
    'SKIPPED: the backup is not tested. It needs PostgreSQL server and client programs of one version, such as postgresql.',
  );
}

describe.skipIf(!bin)('backup and restore', () => {
  const passwords = { ORDER_DB_PASSWORD: `@/#%$ "'${randomUUID()}`, INVENTORY_DB_PASSWORD: randomUUID() };
  const folder = mkdtempSync(join(tmpdir(), 'valerix-backups-'));
  const servers: PostgresWithTools[] = [];
  let postgres: PostgresWithTools;
  let databases: Databases;
  let stack: Stack | undefined;

  /** A new server with both databases, empty. */
  const startServer = async (): Promise<[PostgresWithTools, Databases]> => {
    const postgres = await startPostgresWithTools(bin as string);
    servers.push(postgres);
    const init = join(root, 'k8s/base/postgres/init-databases.sh');
    // Twice: it is run at every start of the server, and again when a service was added.
    for (const more of [{ ORDER_DB_PASSWORD: 'old' }, passwords]) {
      execFileSync('sh', [init], { env: { ...postgres.superuser, ...more }, stdio: 'pipe' });
    }
    const databases = {
      ORDER_DATABASE_URL: postgres.url('order_service', passwords.ORDER_DB_PASSWORD, 'order_db'),
      INVENTORY_DATABASE_URL: postgres.url('inventory_service', passwords.INVENTORY_DB_PASSWORD, 'inventory_db'),
    };
    // What the migrations take from PostgreSQL 18. The scripts are the same on every version.
    const uuidv7 = 'CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql AS $$ SELECT gen_random_uuid() $$';
    if (postgres.version < 18) for (const url of Object.values(databases)) await query(url, uuidv7);
    return [postgres, databases];
  };

  beforeAll(async () => {
    [postgres, databases] = await startServer();
    stack = await startStack({ services: MANDATORY_KEYS, given: databases, restart: false });
  });

  afterAll(async () => {
    await stack?.stop();
    for (const server of servers) server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a script and returns what it said. @throws with that, when it failed */
  const run = async (name: string, environment: Record<string, string> = {}): Promise<string> => {
    const env = { ...postgres.environment, ...passwords, BACKUP_FOLDER: folder, ...environment };
    const { stdout, stderr } = await promisify(execFile)('bash', [join(scripts, name)], { env });
    return stdout + stderr;
  };
  const backups = (): string[] => readdirSync(folder).sort();
  const check = (expectSettled: boolean) =>
    checkDatabases({
      services: {
        order: { databaseUrl: databases.ORDER_DATABASE_URL },
        inventory: { databaseUrl: databases.INVENTORY_DATABASE_URL },
      },
      expectSettled,
    });
  const recorded = () =>
    query(
      databases.ORDER_DATABASE_URL,
      `SELECT name, finished_at IS NOT NULL AS finished, extract(epoch FROM next_due_at - begun_at)::int / 3600 AS due_in_hours
       FROM backups ORDER BY begun_at DESC`,
    );
  const count = async (url: string, table: string): Promise<number> => {
    const [row] = await query(url, `SELECT count(*)::int AS n FROM ${table}`);
    return row?.n as number;
  };

  it('each service sees its own database only', async () => {
    const stranger = databases.INVENTORY_DATABASE_URL.replace('/inventory_db', '/order_db');
    await expect(query(stranger, 'SELECT 1')).rejects.toThrow('permission denied for database');
  });

  it('is taken while orders flow, and none of them fails or is refused by it', async () => {
    await restockAll(stack?.services.inventory.urls[0] as string, (stack as Stack).operatorToken, 10_000);
    const load = startLoad([stack?.services.order.urls[0] as string], { rate: 150, oneTry: true });
    await sleep(1_000);
    const said = await run('backup.sh');
    await sleep(1_000);
    const operations = await load.stop();
    expect(said).toMatch(/holds [1-9]\d+ orders and [1-9]\d+ decisions/);
    expect(operations.flatMap(({ troubles }) => troubles)).toEqual([]);
    expect(operations.flatMap(({ answers }) => answers.filter(({ status }) => status === 422))).toEqual([]);
    expect(backups()).toHaveLength(1);
    // By hand: nothing is promised.
    expect(await recorded()).toEqual([{ name: backups()[0], finished: true, due_in_hours: null }]);
  });

  it('is not restored under services that run', async () => {
    await expect(run('restore.sh')).rejects.toThrow(/connections to the databases are open.*Nothing was changed/s);
  });

  it.each(['ORDER_DATABASE_URL', 'INVENTORY_DATABASE_URL'] as const)(
    'is not restored under one service alone, known by its %s',
    async (name) => {
      await stack?.stop();
      stack = undefined;
      const service = new pg.Client({ connectionString: databases[name] });
      await service.connect();
      try {
        await expect(run('restore.sh')).rejects.toThrow(
          /1 connections to the databases are open.*Nothing was changed/s,
        );
      } finally {
        await service.end();
      }
    },
  );

  it('brings back one moment of both databases, from which the system goes on', async () => {
    await stack?.stop();
    const before = await count(databases.ORDER_DATABASE_URL, 'orders');
    expect(await run('restore.sh')).toMatch(/is back: \d+ orders/);
    expect(await count(databases.ORDER_DATABASE_URL, 'orders')).toBeLessThan(before);
    // The auditor's memory holds positions of the time before.
    expect(await count(databases.ORDER_DATABASE_URL, 'integrity_audit')).toBe(0);
    // No deduction without an order, no confirmed order without a deduction: the two fit, with nothing settled yet.
    expect(await check(false)).toEqual([]);
    // Orders that were under way at that moment come to their end, with an empty Redis (I11).
    stack = await startStack({ services: MANDATORY_KEYS, given: databases, restart: false });
    await eventually(async () => expect(await check(true)).toEqual([]), 60_000);
  });

  // ADR 5: readers stay below the oldest transaction that runs, and a younger server has given out fewer ids.
  it('brings it to another server too, where readers see the whole history', async () => {
    await stack?.stop();
    [postgres, databases] = await startServer();
    await run('restore.sh');
    const restored = await count(databases.ORDER_DATABASE_URL, 'orders');
    const entries = await count(databases.INVENTORY_DATABASE_URL, 'inventory_transactions');
    stack = await startStack({ services: MANDATORY_KEYS, given: databases, restart: false });
    expect(await ledgerLength(stack)).toBeGreaterThanOrEqual(entries);
    // New entries come behind the restored ones: the auditor, which reads in this order, finds all of them to agree.
    const load = startLoad([stack.services.order.urls[0] as string], { rate: 20, oneTry: true });
    await eventually(async () => {
      expect(await count(databases.ORDER_DATABASE_URL, 'orders')).toBeGreaterThan(restored);
    });
    await load.stop();
    const orders = await count(databases.ORDER_DATABASE_URL, 'orders');
    await eventually(async () => {
      const answer = await fetch(`${stack?.services.order.urls[0]}/api/integrity`);
      const state = integrity.parse(await answer.json());
      expect(state).toMatchObject({ verdict: 'ok', violations: [] });
      expect(state.orders_checked).toBeGreaterThanOrEqual(orders);
    }, 60_000);
    expect(await check(true)).toEqual([]);
  });

  it('is refused when it is damaged, and nothing is changed', async () => {
    await stack?.stop();
    stack = undefined;
    const before = await count(databases.ORDER_DATABASE_URL, 'orders');
    appendFileSync(join(folder, backups()[0] as string, 'order_db.dump'), 'x');
    await expect(run('restore.sh')).rejects.toThrow('is damaged: nothing was changed');
    expect(await count(databases.ORDER_DATABASE_URL, 'orders')).toBe(before);
  });

  it('keeps as many as it is told, the newest', async () => {
    const [first] = backups();
    for (let made = 0; made < 2; made++) {
      await sleep(1_000);
      await run('backup.sh', { KEEP_BACKUPS: '2', BACKUP_DUE_HOURS: '26' });
    }
    expect((await recorded())[0]).toEqual({ name: backups()[1], finished: true, due_in_hours: 26 });
    expect(backups()).toHaveLength(2);
    expect(backups()).not.toContain(first);
  });

  it('holds as many databases as there are services', async () => {
    const more = Object.fromEntries([...'abcdefgh'].map((key) => [`${key.toUpperCase()}_DB_PASSWORD`, randomUUID()]));
    const init = join(root, 'k8s/base/postgres/init-databases.sh');
    execFileSync('sh', [init], { env: { ...postgres.superuser, ...more }, stdio: 'pipe' });
    await sleep(1_000);
    await run('backup.sh', more);
    const dumps = readdirSync(join(folder, backups().at(-1) as string)).filter((file) => file.endsWith('.dump'));
    expect(dumps).toHaveLength(10);
  });

  it('leaves nothing behind when it fails, and says why', async () => {
    await sleep(1_000);
    const before = backups();
    await expect(run('backup.sh', { INVENTORY_DB_PASSWORD: 'wrong' })).rejects.toThrow(
      'password authentication failed',
    );
    expect(readdirSync(folder).sort()).toEqual(before);
    expect(existsSync(join(folder, before[0] as string, 'checksums'))).toBe(true);
    expect((await recorded())[0]).toMatchObject({ finished: false });
  });

  it('is taken of a database that cannot record it, and says so', async () => {
    await query(databases.ORDER_DATABASE_URL, 'DROP TABLE backups');
    await sleep(1_000);
    const before = backups();
    const said = await run('backup.sh');
    expect(said).toMatch(/holds \d+ orders/);
    expect(said).toContain('this could not be recorded');
    expect(backups()).toHaveLength(before.length + 1);
  });
});

interface Databases {
  ORDER_DATABASE_URL: string;
  INVENTORY_DATABASE_URL: string;
}

/** How many entries a reader of the ledger finds, page by page. */
async function ledgerLength({ services }: Stack): Promise<number> {
  let length = 0;
  for (let after = ''; ; ) {
    const answer = await fetch(`${services.inventory.urls[0]}/api/inventory/ledger?limit=100${after}`);
    const { items } = ledgerPage.parse(await answer.json());
    const last = items.at(-1);
    if (!last) return length;
    length += items.length;
    after = `&after=${last.position}`;
  }
}

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

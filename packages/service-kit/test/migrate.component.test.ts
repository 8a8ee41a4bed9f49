import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withDatabase } from '@valerix/local-stack/testing';
import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { migrate } from '../src/migrate.ts';

const ORDER_MIGRATIONS = join(import.meta.dirname, '../../../order-service/migrations');

it('migrations that begin before their database, role and password exist wait for all of them', async () => {
  const admin = new pg.Client({ connectionString: withDatabase(inject('postgresUrl'), 'postgres') });
  await admin.connect();
  const name = `late_${randomBytes(6).toString('hex')}`;
  const url = new URL(withDatabase(inject('postgresUrl'), name));
  url.username = name;
  url.password = 'secret';
  try {
    const migrating = migrate('order', ORDER_MIGRATIONS, { DATABASE_URL: url.href });
    await sleep(1_000);
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'secret'`);
    await sleep(1_000);
    await admin.query(`CREATE DATABASE ${name} OWNER ${name}`);
    await migrating;
    const migrated = new pg.Client({ connectionString: url.href });
    await migrated.connect();
    expect((await migrated.query('SELECT count(*)::int AS n FROM orders')).rows).toEqual([{ n: 0 }]);
    await migrated.end();
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS ${name}`);
    await admin.query(`DROP ROLE IF EXISTS ${name}`);
    await admin.end();
  }
});

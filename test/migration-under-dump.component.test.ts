import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase, freshRedis } from '@valerix/local-stack/testing';
import { migrate } from '@valerix/service-kit/migrate';
import pg from 'pg';
import { expect, inject, it, onTestFinished } from 'vitest';
import { eventually } from './support/eventually.ts';
import { placeOrder } from './support/http.ts';
import { startService } from './support/service-process.ts';

it('orders go on while a migration waits for a dump, and it is applied after the dump', async () => {
  const [orders, stock] = await Promise.all([
    freshDatabase(inject('postgresUrl'), 'order_template'),
    freshDatabase(inject('postgresUrl'), 'inventory_template'),
  ]);
  const REDIS_URL = await freshRedis(inject('redisUrl'));
  const inventory = await startService('inventory-service', { DATABASE_URL: stock.url, REDIS_URL });
  const order = await startService('order-service', {
    DATABASE_URL: orders.url,
    REDIS_URL,
    INVENTORY_URL: inventory.url,
  });
  const dump = new pg.Client({ connectionString: orders.url, application_name: 'pg_dump' });
  const watcher = new pg.Client({ connectionString: orders.url });
  onTestFinished(async () => {
    await Promise.all([order.stop(), inventory.stop()]);
    await Promise.all([dump.end(), watcher.end()]);
    await Promise.all([orders.drop(), stock.drop()]);
  });
  await Promise.all([dump.connect(), watcher.connect()]);
  await dump.query('BEGIN; LOCK TABLE orders IN ACCESS SHARE MODE');

  const migrating = migrate('order', migrationsAnd('ALTER TABLE orders ADD COLUMN note text'), {
    DATABASE_URL: orders.url,
  });
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'order-service migrations' AND wait_event_type = 'Lock'`;
  // Twice it is seen to wait: orders come behind it.
  for (let seen = 0; seen < 2; seen++) {
    await eventually(async () => expect((await watcher.query(waiting)).rowCount).toBe(1));
    for (let n = 0; n < 5; n++) {
      expect((await placeOrder(order.url, { item_id: 'ps5', quantity: 1 })).status).toBe(201);
    }
    await eventually(async () => expect((await watcher.query(waiting)).rowCount).toBe(0));
  }
  await dump.query('COMMIT');
  await migrating;
  expect((await watcher.query('SELECT count(*)::int AS n, count(note)::int AS notes FROM orders')).rows).toEqual([
    { n: 10, notes: 0 },
  ]);
  expect((await placeOrder(order.url, { item_id: 'ps5', quantity: 1 })).status).toBe(201);
});

/** The order service's migrations and one more. */
function migrationsAnd(sql: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-migrations-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(join(import.meta.dirname, '../order-service/migrations'), folder, { recursive: true });
  writeFileSync(join(folder, '9999_note.sql'), sql);
  return folder;
}

import { hash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase, freshRedis } from '@valerix/local-stack/testing';
import { migrate } from '@valerix/service-kit/migrate';
import { declaration, type ServiceKey } from '@valerix/system';
import pg from 'pg';
import { expect, inject, it, onTestFinished } from 'vitest';
import { checkDatabases } from '../gameday/src/checker/check-databases.ts';
import { eventually } from './support/eventually.ts';
import { ask, placeOrder } from './support/http.ts';
import { startService } from './support/service-process.ts';

const id = (n: number) => `00000000-0000-7000-8000-00000000000${n}`;

/** A database with the migrations up to `last` and the rows of a fixture. */
async function oldDatabase(key: ServiceKey, last: string, fixture: string): Promise<string> {
  const { url, drop } = await freshDatabase(inject('postgresUrl'), 'template0');
  onTestFinished(drop);
  const folder = mkdtempSync(join(tmpdir(), 'old-migrations-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const all = join(import.meta.dirname, '..', declaration(key).name, 'migrations');
  for (const file of readdirSync(all)) if (file <= `${last}_~`) cpSync(join(all, file), join(folder, file));
  await migrate(key, folder, { DATABASE_URL: url });
  const rows = readFileSync(join(import.meta.dirname, 'fixtures', fixture), 'utf8');
  await query(url, rows.replace('8eJwr65LAmS2W_X8HF3xh37OvfVEPiu-qXJhpA-3k0U', hash('sha256', 'ps5:2', 'base64url')));
  return url;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client
    .query(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

const migrateNow = (key: ServiceKey, DATABASE_URL: string) =>
  migrate(key, join(import.meta.dirname, '..', declaration(key).name, 'migrations'), { DATABASE_URL });

it('keeps the orders, answers, ledger and audit of the version before through the renaming', async () => {
  const orders = await oldDatabase('order', '0005', 'orders-before-0006.sql');
  const stock = await oldDatabase('inventory', '0003', 'stock-before-0004.sql');
  const before = {
    orders: await query(orders, 'SELECT id, status, items, response_status, response_body FROM orders ORDER BY id'),
    ledger: await query(stock, 'SELECT tx, seq, type, quantity, recorded_at FROM inventory_transactions ORDER BY seq'),
    audit: await query(stock, 'SELECT * FROM operator_audit'),
  };
  await migrateNow('order', orders);
  await migrateNow('inventory', stock);

  const columns = 'order_id AS id, status, items, response_status, response_body';
  expect(await query(orders, `SELECT ${columns} FROM orders ORDER BY order_id`)).toEqual(before.orders);
  expect(await query(stock, 'SELECT * FROM operator_audit')).toEqual(before.audit);
  expect(await query(stock, 'SELECT * FROM inventory_transactions ORDER BY seq')).toMatchObject(
    before.ledger.map(({ tx, seq, type, quantity, recorded_at }) => ({
      tx,
      seq,
      transaction_type: type,
      quantity_change: type === 'deduct' ? -(quantity as number) : quantity,
      created_at: recorded_at,
    })),
  );
  const entry = (type: string, change: number, order: number) =>
    query(
      stock,
      `INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change) VALUES ('${type}', '${id(order)}', 'ps5', ${change})`,
    );
  await expect(entry('deduct', 2, 9)).rejects.toThrow('sign_check');
  await expect(entry('release', -2, 9)).rejects.toThrow('sign_check');
  await expect(entry('deduct', -2, 1)).rejects.toThrow('inventory_transactions_once');
  const services = { order: { databaseUrl: orders }, inventory: { databaseUrl: stock } };
  expect(await checkDatabases({ services, expectSettled: false })).toEqual([]);
});

it('replays the old answers, ends the open orders and finds nothing wrong after the renaming', async () => {
  const orders = await oldDatabase('order', '0005', 'orders-before-0006.sql');
  const stock = await oldDatabase('inventory', '0003', 'stock-before-0004.sql');
  await migrateNow('order', orders);
  await migrateNow('inventory', stock);
  const REDIS_URL = await freshRedis(inject('redisUrl'));
  const inventory = await startService('inventory-service', { DATABASE_URL: stock, REDIS_URL });
  onTestFinished(async () => void (await inventory.stop()));
  const order = await startService('order-service', {
    DATABASE_URL: orders,
    REDIS_URL,
    INVENTORY_URL: inventory.url,
    AUDIT_INTERVAL_MS: '100',
  });
  onTestFinished(async () => void (await order.stop()));

  const [stored] = await query(orders, "SELECT response_body FROM orders WHERE idempotency_key = 'confirmed'");
  for (const from of ['PostgreSQL', 'Redis']) {
    const replay = await placeOrder(order.url, { item_id: 'ps5', quantity: 2 }, 'confirmed');
    expect([replay.status, replay.text, from]).toEqual([201, stored?.response_body, from]);
    expect(replay.headers.get('location')).toBe(`/api/orders/${id(1)}`);
  }
  expect((await ask(`${order.url}/api/orders/${id(1)}`)).body.order).toMatchObject({
    order_id: id(1),
    item_id: 'ps5',
    quantity: 2,
    items: [{ item_id: 'ps5', quantity: 2 }],
  });
  const several = (await ask(`${order.url}/api/orders/${id(3)}`)).body.order;
  expect([several.items.length, several.item_id, several.quantity]).toEqual([2, undefined, undefined]);

  await eventually(async () => {
    const { body } = await ask(`${order.url}/api/orders`);
    const ends = body.items.map((one: { order_id: string; status: string }) => [one.order_id, one.status]);
    expect(Object.fromEntries(ends)).toEqual({
      [id(1)]: 'confirmed',
      [id(2)]: 'failed',
      [id(3)]: 'cancelled',
      [id(4)]: 'confirmed',
      [id(5)]: 'cancelled',
      [id(6)]: 'confirmed',
      [id(7)]: 'queued',
    });
  }, 20_000);
  expect((await ask(`${order.url}/api/queue`)).body.dead_letters).toMatchObject([{ order_id: id(7) }]);
  await eventually(async () => {
    const { body } = await ask(`${order.url}/api/integrity`);
    expect(body).toMatchObject({ verdict: 'ok', violations: [], detail: null });
    expect(body.orders_checked).toBeGreaterThanOrEqual(6);
  }, 20_000);
});

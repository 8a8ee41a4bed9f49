import { afterEach, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type AuditedSystem, integrityOf, metricOf, startAudited } from './audit-harness.ts';

let system: AuditedSystem;
afterEach(() => system.stop());

const takeTwo = `
  WITH ledger AS (INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change) VALUES ('deduct', $1, 'ps5', -1))
  UPDATE inventory SET quantity = quantity - 1, reserved_quantity = reserved_quantity + 1 WHERE item_id = 'ps5'`;

it('a second replica shows the verdict of the first, goes on from its checkpoint when it is killed, and counts no cancelled order twice', async () => {
  system = await startAudited();
  const placed: string[] = [];
  for (let count = 0; count < 5; count++) placed.push(await system.order());
  await system.checked(5);
  const other = await system.startReplica('second');
  await system.checked(5, other.url);
  expect(await system.auditor()).toBe('first');

  await system.first.kill('SIGKILL');
  await eventually(async () => expect(await system.auditor()).toBe('second'));
  await fetch(`${other.url}/api/orders/${placed[0]}/cancel`, { method: 'POST' });
  await system.order([{ item_id: 'xbox', quantity: 1 }], other.url);
  await system.checked(6, other.url);
  expect((await integrityOf(other.url)).orders_checked).toBe(6);
});

it('a replica that was frozen gives the audit up when it runs again', async () => {
  system = await startAudited();
  await system.order();
  await system.checked(1);
  const other = await system.startReplica('second');
  process.kill(system.first.pid, 'SIGSTOP');
  try {
    await eventually(async () => expect(await system.auditor()).toBe('second'));
  } finally {
    process.kill(system.first.pid, 'SIGCONT');
  }
  await system.order(undefined, other.url);
  await Promise.all([system.checked(2), system.checked(2, other.url)]);
  expect(await system.auditor()).toBe('second');
  const { lines } = system.first;
  await eventually(() =>
    expect(lines.filter((line) => line.includes('this replica audits no longer'))).toHaveLength(1),
  );
});

it('a violation stays open through a restart, and the replica that follows shows it at once', async () => {
  system = await startAudited();
  const id = await system.order();
  await system.checked(1);
  await system.stockDb.query('DROP INDEX inventory_transactions_once');
  await system.stockDb.query(takeTwo, [id]);
  await system.violated(`I4 ${id}`);
  const found = (await system.integrity()).violations;
  await system.first.kill('SIGKILL');

  const restarted = await system.startReplica('restarted');
  await system.violated(`I4 ${id}`, restarted.url);
  expect(await metricOf(restarted.url, 'valerix_integrity_violations{invariant="I4"}')).toBe(1);
  await eventually(async () => expect(await system.auditor()).toBe('restarted'));
  await system.order([{ item_id: 'xbox', quantity: 1 }], restarted.url);
  await eventually(async () => expect((await integrityOf(restarted.url)).orders_checked).toBeGreaterThan(1));
  expect((await integrityOf(restarted.url)).violations).toEqual(found);
});

it.each([10, -10])('an auditor whose clock is %i minutes ahead judges by that of the database', async (minutes) => {
  system = await startAudited(undefined, {
    NODE_OPTIONS: `--import ${import.meta.resolve('../../test/support/other-clock.ts')}`,
    CLOCK_AHEAD_MS: String(minutes * 60_000),
  });
  await system.order();
  await system.checked(1);
  const { checked_at, lag_seconds } = await system.integrity();
  expect(Math.abs(Date.now() - Date.parse(checked_at as string))).toBeLessThan(60_000);
  expect(lag_seconds).toBeLessThan(15);
});

const ORDERS = 300_000;

it('a restart after 300,000 orders reads only what is new', async () => {
  system = await startAudited(manyOrders);
  await system.checked(ORDERS);
  await system.order([{ item_id: 'xbox', quantity: 1 }]);
  await system.checked(ORDERS + 1);
  expect(await system.integrity()).toMatchObject({ verdict: 'ok' });

  // A backend tells how many rows it read at the latest when it ends.
  await system.first.stop();
  await system.inventory.stop();
  expect(await rowsRead(system.orderDb, 'order_events')).toBeLessThan(10_000);
  expect(await rowsRead(system.stockDb, 'inventory_transactions')).toBeLessThan(10_000);
}, 120_000);

type Db = AuditedSystem['orderDb'];

/** A history of confirmed orders in both databases, and the checkpoint of an auditor that has read it. */
async function manyOrders(orderDb: Db, stockDb: Db): Promise<void> {
  await orderDb.query(
    `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, correlation_id, created_at, updated_at)
     SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'key-' || n, '', 'confirmed',
       '[{"item_id":"ps5","quantity":1}]', '', now(), now()
     FROM generate_series(1, ${ORDERS}) n`,
  );
  for (const type of ['created', 'confirmed']) {
    await orderDb.query(
      `INSERT INTO order_events (type, order_id, correlation_id, causation_id, data)
       SELECT 'order.${type}', order_id, '', '', jsonb_build_object('items', items) FROM orders`,
    );
  }
  await stockDb.query(
    `INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change)
     SELECT 'deduct', ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'ps5', -1
     FROM generate_series(1, ${ORDERS}) n`,
  );
  await stockDb.query(
    `WITH restock AS (
       INSERT INTO inventory_transactions (transaction_type, restock_id, item_id, quantity_change) VALUES ('restock', 'many', 'ps5', ${ORDERS}))
     UPDATE inventory SET reserved_quantity = ${ORDERS} WHERE item_id = 'ps5'`,
  );
  const { rows: accounts } = await stockDb.query(
    `SELECT item_id, sum(quantity_change) FILTER (WHERE order_id IS NULL)::int AS brought_in,
       coalesce(-sum(quantity_change) FILTER (WHERE order_id IS NOT NULL), 0)::int AS taken
     FROM inventory_transactions GROUP BY item_id`,
  );
  const readToMs = Date.now();
  const side = async (db: Db, table: string) => {
    const { rows } = await db.query(
      `SELECT tx || '.' || seq AS position FROM ${table} ORDER BY tx DESC, seq DESC LIMIT 1`,
    );
    return { position: rows[0].position as string, readToMs };
  };
  const streams = {
    events: await side(orderDb, 'order_events'),
    entries: await side(stockDb, 'inventory_transactions'),
    accounts,
    checked: ORDERS,
  };
  const book = { violations: [], counts: {}, incomplete: false, reading_again: false };
  const checkpoint = { version: 1, streams, unjudged: [], book, passed: true, checked_at: new Date(), began_ms: 0 };
  await orderDb.query(
    `INSERT INTO integrity_audit (holder, replica, lease_until, checkpoint) VALUES (gen_random_uuid(), 'gone', now(), $1)`,
    [checkpoint],
  );
  for (const db of [orderDb, stockDb]) {
    // What this backend read counts before the reset, not after it.
    await db.query('SELECT pg_stat_force_next_flush()');
    await db.query('SELECT pg_stat_reset()');
  }
}

async function rowsRead(db: Db, table: string): Promise<number> {
  const { rows } = await db.query<{ read: number }>(
    'SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_user_tables WHERE relname = $1',
    [table],
  );
  return rows[0]?.read as number;
}

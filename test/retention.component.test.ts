import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterEach, expect, it } from 'vitest';
import { checkDatabases } from '../gameday/src/checker/check-databases.ts';
import { type AuditedSystem, metricOf, startAudited } from '../order-service/test/audit-harness.ts';
import { eventually } from './support/eventually.ts';
import { ask } from './support/http.ts';
import { asCaller } from './support/service-process.ts';

let system: AuditedSystem;
afterEach(async ({ task }) => {
  const lines = [...system.first.lines, ...system.inventory.lines];
  if (task.result?.state === 'fail')
    console.error(lines.filter((line) => /histor|"error"|"warn"/.test(line)).join('\n'));
  await system.stop();
});

const RETENTION = { RETENTION: '4s' };

/** Places an order, and again under the same key while a busy machine gives no answer. */
const place = (key: string, quantity = 1) =>
  eventually(async () => {
    const answer = await ask(`${system.url}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ item_id: 'ps5', quantity }),
    });
    expect([201, 202, 422]).toContain(answer.status);
    return answer;
  });

/** Places one order after the other. @returns a function that stops, and returns how many were accepted */
function keepOrdering() {
  let stopped = false;
  const running = (async () => {
    let accepted = 0;
    for (; !stopped; accepted++) {
      expect((await place(randomUUID())).status).toBeLessThan(300);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return accepted;
  })();
  running.catch(() => {});
  return () => {
    stopped = true;
    return running;
  };
}

const goneBefore = async (db = system.orderDb) =>
  (await db.query<{ gone: string }>('SELECT gone_before AS gone FROM retention')).rows[0]?.gone as string;

it('drops old orders with their decisions and keys while orders go on, and both audits stay right', async () => {
  system = await startAudited(undefined, RETENTION, RETENTION);
  await system.stockDb.query(
    `WITH more AS (UPDATE inventory SET quantity = quantity + 100000 WHERE item_id = 'ps5')
     INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change, restock_id) VALUES ('restock', 'ps5', 100000, 'more')`,
  );
  const key = randomUUID();
  const { order_id: id } = (await place(key, 3)).body.order;
  expect((await place(key, 4)).status).toBe(422);
  const stop = keepOrdering();

  await eventually(async () => expect((await goneBefore()) > id).toBe(true));
  await eventually(async () => expect((await ask(`${system.url}/api/orders/${id}`)).status).toBe(404));
  // The key went with its order: another order may have it.
  const again = await place(key, 4);
  expect(again.status).toBeLessThan(300);
  expect(again.body.order.order_id).not.toBe(id);
  expect((await place(key, 3)).status).toBe(422);
  // The inventory service still knows about orders that are gone.
  expect(await checkDatabases({ ...system, expectSettled: false })).toEqual([]);

  await eventually(async () => expect((await goneBefore(system.stockDb)) > id).toBe(true), 30_000);
  expect(await stop()).toBeGreaterThan(0);
  const { rows } = await system.stockDb.query('SELECT * FROM inventory_decisions WHERE order_id = $1', [id]);
  expect(rows).toEqual([]);
  const late = await ask(`${system.inventory.url}/api/inventory/release`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...asCaller('ORDER_TO_INVENTORY_CREDENTIAL') },
    body: JSON.stringify({ order_id: id }),
  });
  expect([late.status, late.body.code]).toEqual([410, 'ORDER_FORGOTTEN']);
  expect(await checkDatabases({ ...system, expectSettled: false })).toEqual([]);
  await system.checked(2);
  // An auditor without a memory starts from the opening balances.
  await system.orderDb.query('DELETE FROM integrity_audit');
  const stock = (await system.stockDb.query("SELECT quantity FROM inventory WHERE item_id = 'ps5'")).rows[0].quantity;
  await eventually(async () => {
    const { rows } = await system.orderDb.query(
      `SELECT (account->>'brought_in')::int - (account->>'taken')::int AS stock
       FROM integrity_audit, jsonb_array_elements(checkpoint->'streams'->'accounts') AS account WHERE account->>'item_id' = 'ps5'`,
    );
    expect(rows).toEqual([{ stock }]);
  });
  await system.checked(2);
  await eventually(async () => {
    const keys = await system.orderDb.query('SELECT count(*)::int AS n FROM order_keys WHERE order_id <= $1', [id]);
    expect(keys.rows).toEqual([{ n: 0 }]);
  });
  for (const { lines } of [system.first, system.inventory]) {
    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  }
}, 120_000);

it('a dead letter and a dump hold their period and stop no order; two replicas then drop it once', async () => {
  const plant = async (orderDb: AuditedSystem['orderDb']) => {
    await orderDb.query(
      `WITH planted AS (
         INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, response_status, response_body, dead_lettered_at,
           waiting_since, correlation_id, created_at, updated_at)
         VALUES (uuidv7(), 'held', '', 'queued', '[{"item_id":"ps5","quantity":1}]', 202, '{}', now(), now(), '', now(), now())
         RETURNING order_id, items)
       INSERT INTO order_events (type, order_id, correlation_id, causation_id, data)
       SELECT type, order_id, '', '', jsonb_build_object('items', items)
       FROM planted, unnest(ARRAY['order.created', 'order.queued', 'order.dead_lettered']) AS type`,
    );
  };
  system = await startAudited(plant, RETENTION, RETENTION);
  const { first, orderDb, url } = system;
  const second = await system.startReplica('second');
  const id = (await orderDb.query("SELECT order_id FROM orders WHERE idempotency_key = 'held'")).rows[0].order_id;
  const stop = keepOrdering();
  const saying = (text: string) => [...first.lines, ...second.lines].filter((line) => line.includes(text));
  await eventually(() => expect(saying('has an order that is not settled')).not.toEqual([]), 30_000);
  await eventually(async () => expect(await metricOf(url, 'retention_overdue_seconds')).toBeGreaterThan(0));
  await eventually(async () => expect((await ask(`${url}/api/orders/${id}`)).status).toBe(200));

  const dump = new pg.Client({ connectionString: system.services.order.databaseUrl });
  await dump.connect();
  await dump.query('BEGIN; LOCK TABLE orders IN ACCESS SHARE MODE');
  await eventually(async () => expect(await system.cancel(id)).toBeLessThan(300));
  await eventually(() => expect(saying('lock timeout')).not.toEqual([]), 30_000);
  expect((await goneBefore()) < id).toBe(true);
  await dump.query('COMMIT');
  await dump.end();
  await eventually(async () => expect((await goneBefore()) > id).toBe(true), 30_000);
  expect(await stop()).toBeGreaterThan(0);
  const drops = () => saying('a period of the history was dropped').filter((line) => line.includes('"orders_before"'));
  // The line follows the commit.
  await eventually(() => expect(drops()).toHaveLength(1));
  expect(saying('"level":"error"')).toEqual([]);
}, 120_000);

import { randomUUID } from 'node:crypto';
import { redriveBody } from '@valerix/contracts';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { freshOrderStore } from './fresh-order-store.ts';

const { pool, drop, orders } = await freshOrderStore();
beforeEach(() => pool.query('TRUNCATE orders, order_events'));

const OPERATOR = { who: 'operator', principal: 'operator-token' };
const audits = async () =>
  (await pool.query('SELECT who, principal, what, why FROM operator_audit ORDER BY id DESC')).rows;
afterAll(drop);

/** A dead letter, given up so many seconds ago. */
async function deadLetter({ age = 0, item = 'ps5', cause = 'timeout' } = {}): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `WITH put_away AS (
       INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, attempts, dead_lettered_at, correlation_id, created_at, updated_at)
       VALUES ($1::uuid, $1::text, '', 'queued', $3, 20, now() - $2 * interval '1 s', '', now(), now())
     )
     INSERT INTO order_events (type, order_id, correlation_id, causation_id, data)
     VALUES ('order.dead_lettered', $1::uuid, '', '', jsonb_build_object('cause', $4::text))`,
    [id, age, JSON.stringify([{ item_id: item, quantity: 1 }]), cause],
  );
  return id;
}

const due = async (): Promise<string[]> => {
  const { rows } = await pool.query<{ order_id: string }>(
    'SELECT order_id FROM orders WHERE next_attempt_at <= now() AND attempts = 0 ORDER BY order_id',
  );
  return rows.map((row) => row.order_id);
};

it.each([
  ['older_than_seconds', { age: 7_200 }, { older_than_seconds: 3_600 }],
  ['item_id', { item: 'xbox' }, { item_id: 'xbox' }],
  ['cause', { cause: 'status' }, { cause: 'status' }],
])('dead letters are redriven by %s, and no others', async (_, about, condition) => {
  await deadLetter();
  const chosen = await deadLetter(about);
  expect(await orders.redrive({ ...condition, limit: 10 }, OPERATOR, 'the-request')).toBe(1);
  expect(await due()).toEqual([chosen]);
});

it('a cause that PostgreSQL would refuse is refused before it is asked', () => {
  expect(redriveBody.safeParse({ cause: 'timeout' }).success).toBe(true);
  for (const cause of ['\0', '\ud800']) expect(redriveBody.safeParse({ cause }).success).toBe(false);
});

it('each redriven order has an event that names the request and its conditions', async () => {
  const id = await deadLetter({ item: 'xbox' });
  await orders.redrive({ item_id: 'xbox', limit: 10 }, OPERATOR, 'the-request');
  const { rows } = await pool.query(
    `SELECT order_id, causation_id, data FROM order_events WHERE type = 'order.redriven'`,
  );
  expect(rows).toEqual([{ order_id: id, causation_id: 'the-request', data: { conditions: { item_id: 'xbox' } } }]);
});

it('a batch is bounded and takes the oldest first', async () => {
  const [, old, older] = [await deadLetter(), await deadLetter({ age: 50 }), await deadLetter({ age: 60 })];
  expect(await orders.redrive({ all: true, limit: 2 }, OPERATOR, '')).toBe(2);
  expect(await due()).toEqual([old, older].sort());
  expect(await orders.redrive({ all: true, limit: 2 }, OPERATOR, '')).toBe(1);
  expect(await orders.redrive({ all: true, limit: 2 }, OPERATOR, '')).toBe(0);
});

it('a redrive is audited with its conditions, its count, who asked and why; one that changes nothing is not', async () => {
  await deadLetter({ item: 'xbox' });
  await deadLetter({ item: 'xbox' });
  const which = { item_id: 'xbox', cause: 'timeout', limit: 10 };
  const before = (await audits()).length;
  await orders.redrive({ ...which, reason: 'the outage is over' }, { who: 'ada', principal: 'user:7' }, '');
  const what = { item_id: 'xbox', cause: 'timeout', limit: 10, redriven: 2 };
  expect((await audits())[0]).toEqual({ who: 'ada', principal: 'user:7', what, why: 'the outage is over' });
  await orders.redrive(which, OPERATOR, '');
  expect(await audits()).toHaveLength(before + 1);
});

it('a redrive that cannot be audited requeues nothing', async () => {
  const id = await deadLetter();
  await pool.query('ALTER TABLE operator_audit RENAME TO away');
  try {
    await expect(orders.redrive({ order_ids: [id], limit: 1 }, OPERATOR, '')).rejects.toThrow('operator_audit');
  } finally {
    await pool.query('ALTER TABLE away RENAME TO operator_audit');
  }
  expect(await due()).toEqual([]);
});

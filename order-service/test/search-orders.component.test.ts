import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOrderReadsStore } from '../src/order-reads-store.ts';
import { freshOrderStore } from './fresh-order-store.ts';

const { pool, drop } = await freshOrderStore();
const reads = createOrderReadsStore(pool);
afterAll(drop);

type Query = Omit<Parameters<typeof reads.list>[0], 'limit' | 'before' | 'reach'>;
/** The keys of the orders that a query lists, newest first. */
const keysOf = async (query: Query, limit = 10): Promise<string[]> =>
  (await reads.list({ limit, before: undefined, reach: 'all', ...query })).map((one) => one.idempotency_key);

beforeAll(async () => {
  const add = (key: string, status: string, item: string, reason: string | null, dead = false) =>
    pool.query<{ order_id: string }>(
      `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, reason, items, next_attempt_at, dead_lettered_at,
         correlation_id, created_at, updated_at)
       VALUES (uuidv7(), $1, '', $2, $3, jsonb_build_array(jsonb_build_object('item_id', $4::text, 'quantity', 1)),
         CASE WHEN $2 = 'queued' AND NOT $5 THEN now() END, CASE WHEN $5 THEN now() END, '', now(), now()) RETURNING order_id`,
      [key, status, reason, item, dead],
    );
  await add('first', 'confirmed', 'ps5', null);
  await add('second', 'failed', 'ps5-pro', 'OUT_OF_STOCK');
  await add('third', 'queued', 'xbox', null);
  const { rows } = await add('fourth', 'queued', 'mouse', null, true);
  await pool.query(
    `INSERT INTO order_events (type, order_id, correlation_id, causation_id, data) VALUES ('chaos.fault_fired', $1, '', '', '{}')`,
    [rows[0]?.order_id],
  );
});

it('an order is found by any part of its id, its items and its reason, and by no part of its key', async () => {
  const [newest] = await reads.list({ limit: 1, before: undefined, reach: 'all' });
  expect(await keysOf({ search: newest?.order_id.slice(-8).toUpperCase() })).toEqual(['fourth']);
  expect(await keysOf({ search: 'PS5' })).toEqual(['second', 'first']);
  expect(await keysOf({ search: 'ps5' }, 1)).toEqual(['second']);
  expect(await keysOf({ search: 'out_of' })).toEqual(['second']);
  expect(await keysOf({ search: 'ps5', status: 'confirmed' })).toEqual(['first']);
  expect(await keysOf({ search: 'irst' })).toEqual([]);
  expect(await keysOf({ search: '%' })).toEqual([]);
});

it('orders are listed that wait, that are dead letters, or that a fault hit', async () => {
  expect(await keysOf({ waiting: 'true' })).toEqual(['third']);
  expect(await keysOf({ dead_lettered: 'true' })).toEqual(['fourth']);
  expect(await keysOf({ hit_by_fault: 'true' })).toEqual(['fourth']);
  expect(await keysOf({ hit_by_fault: 'true', search: 'xbox' })).toEqual([]);
});

it('orders are listed by the time at which they were placed, whatever the clock said that made their ids', async () => {
  const add = (key: string, idMinutes: number, placed: string) =>
    pool.query(
      `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, correlation_id, created_at, updated_at)
       VALUES (uuidv7($3::timestamptz - now() + make_interval(mins => $2)), $1, '', 'confirmed', '[{"item_id": "tv", "quantity": 1}]', '', $3, now())`,
      [key, idMinutes, placed],
    );
  await add('noon', 0, '2026-01-01T12:00:00Z');
  await add('one', -5, '2026-01-01T13:00:00Z');
  await add('two', 5, '2026-01-01T14:00:00Z');
  const [noon, one, two] = [12, 13, 14].map((hour) => `2026-01-01T${hour}:00:00Z`);
  expect(await keysOf({ placed_from: noon, placed_to: two })).toEqual(['one', 'noon']);
  expect(await keysOf({ placed_from: one, placed_to: '2026-01-01T15:00:00+00:00' })).toEqual(['two', 'one']);
  expect(await keysOf({ placed_to: one, search: 'tv' })).toEqual(['noon']);
  // Times as a query may spell them, and PostgreSQL may not.
  const [yearZero, farOff] = ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-23:59'];
  expect(await keysOf({ placed_from: yearZero, placed_to: farOff, search: 'tv' })).toEqual(['two', 'one', 'noon']);
  const long = `2026-01-01T12:59:00.${'0'.repeat(300)}+23:59`;
  expect(await keysOf({ placed_from: long, placed_to: one, search: 'tv' })).toEqual(['noon']);
});

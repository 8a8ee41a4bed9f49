import { divide, inTurn } from '@valerix/service-kit/retention/period-store';
import { boundAfter } from '@valerix/service-kit/retention/periods';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsRead } from '../../test/support/rows-read.ts';
import { createIntegrityStore } from '../src/integrity/integrity-store.ts';
import { createOrderReadsStore } from '../src/order-reads-store.ts';
import { freshOrderStore } from './fresh-order-store.ts';

const ORDERS = 5_000;
const DUE = 1_000;
const PAGE = 50;

const TABLES = ['orders', 'order_events'].map((name) => ({ name, by: 'order_id' }));
const newest = { limit: PAGE, before: undefined, reach: 'all' as const };

describe.each(['one piece', 'periods'])('over orders in %s', async (shape) => {
  const { pool, drop, orders } = await freshOrderStore();
  const reads = createOrderReadsStore(pool);

  beforeAll(async () => {
    await pool.query(
      `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, next_attempt_at, correlation_id, created_at, updated_at)
       SELECT uuidv7(), 'key-' || n, '', CASE WHEN n <= $2 THEN 'queued' WHEN n <= $2 + 250 THEN 'cancelled' ELSE 'confirmed' END, '[]',
         CASE WHEN n <= $2 THEN now() - interval '1 minute' END, '', now(), now()
       FROM generate_series(1, $1::int) n`,
      [ORDERS, DUE],
    );
    await pool.query(
      `INSERT INTO order_events (type, order_id, correlation_id, causation_id, data)
       SELECT 'order.created', order_id, '', '', '{}' FROM orders`,
    );
    const bound = boundAfter(Date.now(), 3_600_000);
    if (shape === 'periods') await inTurn(pool, (client) => divide(client, TABLES, undefined, bound));
    await pool.query('ANALYZE orders, order_events');
  });
  afterAll(drop);

  it.each<[string, () => Promise<unknown>]>([
    ['the newest orders', () => reads.list(newest)],
    ['the newest of a customer', () => reads.list({ ...newest, reach: ['customer:7'] })],
    ['the newest of a status that most orders have', () => reads.list({ ...newest, status: 'confirmed' })],
    ['the newest of a status that only old orders have', () => reads.list({ ...newest, status: 'cancelled' })],
    ['the newest of a status that no order has', () => reads.list({ ...newest, status: 'failed' })],
    ['the newest dead letters, without any', () => reads.list({ ...newest, dead_lettered: 'true' })],
    ['the order with a key', () => reads.list({ ...newest, idempotency_key: 'key-7', status: 'queued' })],
    ['the order with a key that is given again', () => orders.findByKey('key-7')],
    ['the dead letters', () => reads.deadLetters(PAGE)],
    // Counted to a page, and the oldest.
    ['the state of the queue', () => reads.queueState(PAGE - 1)],
    ['the first events', () => reads.eventsAfter('0.0', PAGE)],
    ['the first events for the auditor', () => createIntegrityStore(pool).eventsAfter('0.0', PAGE)],
  ])('however many orders there are, asking for %s reads no more than a page of rows', async (_what, work) => {
    expect(await rowsRead(pool, work)).toBeLessThanOrEqual(PAGE + 1);
  });

  it('the worker takes orders that are due, and of those the ones it is told of, without reading the others', async () => {
    const ids = (await reads.list({ ...newest, limit: 5, status: 'queued' })).map(({ order_id }) => order_id);
    // Each order is read to be chosen, to be locked and to be changed.
    expect(await rowsRead(pool, () => orders.claim(20))).toBeLessThanOrEqual(3 * 20);
    expect(await rowsRead(pool, () => orders.claim(20, ids))).toBeLessThanOrEqual(3 * ids.length);
    expect(await rowsRead(pool, () => orders.claimAbandoned(20))).toBeLessThan(ids.length);
  });
});

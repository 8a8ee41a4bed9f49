import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { placeOrder } from '../../test/support/http.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

const ps5 = { item_id: 'ps5', quantity: 1 };
/** The first words of T0 and of T1. The sweep's statements wait for the same lock. */
const T0 = 'WITH created';
const T1 = 'WITH moved';
/** Backends whose statement begins with `$1` and waits for a lock, in this test's database. */
const WAITING = `pid FROM pg_stat_activity
  WHERE datname = current_database() AND ltrim(query, E' \\n') LIKE $1 || '%' AND wait_event_type = 'Lock'`;

describe('a 503 says what is known of the order', () => {
  let shop: OrderHarness;
  beforeEach(async () => {
    shop = await startOrderService();
  });
  afterEach(() => shop.stop());

  /** Holds the table of orders, so that the next statement that writes one waits. */
  async function holdOrders() {
    const [{ name } = { name: '' }] = await shop.rows<{ name: string }>('SELECT current_database() AS name');
    const url = new URL(inject('postgresUrl'));
    url.pathname = `/${name}`;
    const client = new pg.Client({ connectionString: url.toString() });
    // A test that fails before it releases drops the database under this client.
    client.on('error', () => {});
    await client.connect();
    await client.query('BEGIN; LOCK TABLE orders IN SHARE MODE');
    return async () => {
      await client.query('COMMIT');
      await client.end();
    };
  }
  /** Waits until the statement waits for the lock, then ends it as `how` does. */
  async function endWaiting(statement: string, how: 'pg_terminate_backend' | 'pg_cancel_backend') {
    await eventually(async () => expect(await shop.rows(`SELECT ${WAITING}`, [statement])).not.toEqual([]));
    await shop.rows(`SELECT ${how}(pid) FROM (SELECT ${WAITING}) AS waiting`, [statement]);
  }

  it('OUTCOME_UNKNOWN when the connection of T0 was lost, and a retry with the key places one order', async () => {
    const key = randomUUID();
    const release = await holdOrders();
    const answer = placeOrder(shop.url, ps5, key);
    await endWaiting(T0, 'pg_terminate_backend');
    const { status, body, headers } = await answer;
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'OUTCOME_UNKNOWN', '1']);
    await release();
    expect((await placeOrder(shop.url, ps5, key)).status).toBe(201);
    expect(await shop.rows('SELECT 1 FROM orders')).toHaveLength(1);
  });

  it('DATABASE_UNAVAILABLE when PostgreSQL ended the statement of T0 itself: nothing was placed', async () => {
    const release = await holdOrders();
    const answer = placeOrder(shop.url, ps5);
    await endWaiting(T0, 'pg_cancel_backend');
    const { status, body } = await answer;
    expect([status, body.code]).toEqual([503, 'DATABASE_UNAVAILABLE']);
    await release();
    expect(await shop.rows('SELECT 1 FROM orders')).toEqual([]);
  });

  it('OUTCOME_UNKNOWN when T1 was not confirmed, although the statement was rolled back: the order exists', async () => {
    shop.inventory.become('hang');
    const answer = placeOrder(shop.url, ps5);
    await eventually(async () => expect(await shop.rows('SELECT 1 FROM orders')).toHaveLength(1));
    const release = await holdOrders();
    await endWaiting(T1, 'pg_cancel_backend');
    const { status, body } = await answer;
    expect([status, body.code]).toEqual([503, 'OUTCOME_UNKNOWN']);
    await release();
  });
});

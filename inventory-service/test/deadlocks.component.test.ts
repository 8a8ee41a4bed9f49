import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, expect, it, vi } from 'vitest';
import { freshPool } from '../../test/support/fresh-pool.ts';
import type { StockCommand } from '../src/decide.ts';
import { createInventoryStore } from '../src/inventory-store.ts';

const { pool, drop } = await freshPool('inventory_template', 4);
afterAll(drop);

const ITEMS = ['ps5', 'xbox', 'chair', 'mouse'];
const STOCK = 1_000;

const sent = [vi.spyOn(pool, 'query'), vi.spyOn(pg.Client.prototype, 'query')];

/** How many statements ended in a deadlock so far. */
async function deadlocks(): Promise<number> {
  const results = sent.flatMap(({ mock }) => mock.results.map(({ value }) => value as unknown));
  const ended = await Promise.allSettled(results);
  return ended.filter((result) => result.status === 'rejected' && result.reason.code === '40P01').length;
}

it('a replica that commits reservations and one that releases them do not deadlock', async () => {
  await pool.query('UPDATE inventory SET quantity = $1', [STOCK]);
  const [here, there] = [createInventoryStore({ pool }), createInventoryStore({ pool })];
  for (let round = 0; round < 20; round++) {
    const orders = Array.from({ length: 64 }, (_, n): StockCommand => {
      const items = [{ item_id: ITEMS[n % ITEMS.length] as string, quantity: 1 }];
      return { op: 'reserve', order_id: randomUUID(), items };
    });
    await here.decideBatch(orders);
    const all = (op: 'commit' | 'release') => orders.map(({ order_id }): StockCommand => ({ op, order_id }));
    await Promise.all([here.decideBatch(all('commit')), there.decideBatch(all('release').toReversed())]);
  }
  const { rows } = await pool.query(
    'SELECT DISTINCT quantity, held_quantity AS held FROM inventory WHERE item_id = ANY($1)',
    [ITEMS],
  );
  expect(rows).toEqual([{ quantity: STOCK, held: 0 }]);
  expect(await deadlocks()).toBe(0);
});

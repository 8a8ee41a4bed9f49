import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, expect, it } from 'vitest';
import { freshPool } from '../../test/support/fresh-pool.ts';
import type { StockCommand } from '../src/decide.ts';
import { createInventoryStore } from '../src/inventory-store.ts';

const { pool, url, drop } = await freshPool('inventory_template', 1);
const held = new pg.Client({ connectionString: url });
afterAll(async () => {
  await held.end();
  await drop();
});

const BATCHES = 1_000;
const ITEMS = ['ps5', 'xbox', 'chair'];
const take = (item_id: string): StockCommand => ({
  op: 'deduct',
  order_id: randomUUID(),
  items: [{ item_id, quantity: 1 }],
});
const batch = () => [...ITEMS, ...ITEMS].map(take);

/** Blocks of memory and disk that PostgreSQL reads for the work of `run`, in this session. */
async function blocksRead(run: () => Promise<unknown>): Promise<number> {
  const blocks = async () => {
    await pool.query('SELECT pg_stat_force_next_flush()');
    const { rows } =
      await pool.query(`SELECT sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::int AS n
      FROM pg_statio_user_tables WHERE relname = 'inventory'`);
    return rows[0].n as number;
  };
  const before = await blocks();
  await run();
  return (await blocks()) - before;
}

it('a snapshot that stays open makes no batch dearer than the last', async () => {
  await pool.query('UPDATE inventory SET quantity = 1000000');
  const store = createInventoryStore({ pool });
  for (let n = 0; n < 10; n++) await store.decideBatch(batch());
  await held.connect();
  await held.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await held.query('SELECT sum(quantity) FROM inventory');
  const first = await blocksRead(() => store.decideBatch(batch()));
  for (let n = 0; n < BATCHES; n++) await store.decideBatch(batch());
  const last = await blocksRead(() => store.decideBatch(batch()));
  expect(first).toBeGreaterThan(0);
  // By key it would read, for each of its three rows, the 28 pages that hold its versions; in a scan of the table, the pages once.
  expect(last).toBeLessThan(first + 15);
  await held.query('COMMIT');
  const { rows } = await pool.query<{ quantity: number }>('SELECT quantity FROM inventory WHERE item_id = ANY($1)', [
    ITEMS,
  ]);
  expect(rows.map(({ quantity }) => 1_000_000 - quantity)).toEqual(ITEMS.map(() => 2 * (BATCHES + 12)));
});

it('rows that moved unseen are found by key again', async () => {
  const store = createInventoryStore({ pool });
  const other = createInventoryStore({ pool });
  for (let n = 0; n < 3; n++) {
    for (const each of [store, other]) {
      const { answers } = await each.decideBatch(batch());
      expect(answers.every(({ outcome }) => outcome === 'applied')).toBe(true);
    }
  }
  const { rows } = await pool.query(`SELECT item_id FROM inventory LEFT JOIN (
      SELECT item_id, sum(quantity_change) AS moved FROM inventory_transactions WHERE order_id IS NOT NULL GROUP BY item_id
    ) AS ledger USING (item_id) WHERE quantity <> 1000000 + coalesce(moved, 0)`);
  expect(rows).toEqual([]);
});

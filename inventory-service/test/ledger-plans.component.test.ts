import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshPool } from '../../test/support/fresh-pool.ts';
import { rowsRead } from '../../test/support/rows-read.ts';
import { createLedgerStore } from '../src/ledger-store.ts';

const ENTRIES = 5_000;
const PAGE = 50;

const { pool, drop } = await freshPool('inventory_template', 1);
const ledger = createLedgerStore(pool);

beforeAll(async () => {
  await pool.query(
    `INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change)
     SELECT 'deduct', gen_random_uuid(), CASE WHEN n % 100 = 0 THEN 'chair' ELSE 'ps5' END, -1
     FROM generate_series(1, $1::int) n`,
    [ENTRIES],
  );
  await pool.query('ANALYZE inventory_transactions');
});
afterAll(drop);

it.each([
  ['it', {}],
  ['an item that is rare in it', { item_id: 'chair' }],
  ['an order', { order_id: ['00000000-0000-4000-8000-000000000000'] }],
  ['many orders', { order_id: Array.from({ length: 100 }, () => randomUUID()) }],
])('however long the ledger is, asking for a page of %s reads no more than a page of rows', async (_what, only) => {
  expect(await rowsRead(pool, () => ledger.readLedger({ limit: PAGE, ...only }))).toBeLessThanOrEqual(PAGE + 1);
});

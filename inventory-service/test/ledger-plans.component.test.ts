import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshPool } from '../../test/support/fresh-pool.ts';
import { rowsRead } from '../../test/support/rows-read.ts';
import { createLedgerStore } from '../src/ledger-store.ts';

const ENTRIES = 10_000;
const PAGE = 50;

const { pool, drop } = await freshPool('inventory_template', 1);
const ledger = createLedgerStore(pool);

beforeAll(async () => {
  await pool.query(
    `INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change)
     SELECT 'deduct', gen_random_uuid(),
       CASE WHEN n % 250 = 0 THEN 'chair' WHEN n <= 1000 THEN 'mouse' WHEN n > 9000 THEN 'xbox'
         ELSE (ARRAY['ps5', 'switch', 'laptop', 'monitor', 'headset', 'keyboard', 'microphone', 'controller'])[1 + n % 8] END, -1
     FROM generate_series(1, $1::int) n`,
    [ENTRIES],
  );
  await pool.query('ANALYZE inventory_transactions');
});
afterAll(drop);

it.each([
  ['it', {}],
  ['an item that is rare in it', { item_id: 'chair' }],
  ['an item that was seeded and never sold', { item_id: 'webcam' }],
  ['an item that is sold only now', { item_id: 'xbox' }],
  ['an item that is sold no more', { item_id: 'mouse', after: '99999999.0' }],
  ['an item that is in most of it', { item_id: 'ps5' }],
  ['an order', { order_id: ['00000000-0000-4000-8000-000000000000'] }],
  ['many orders', { order_id: Array.from({ length: 100 }, () => randomUUID()) }],
])('however long the ledger is, asking for a page of %s reads no more than a page of rows', async (_what, only) => {
  expect(await rowsRead(pool, () => ledger.readLedger({ limit: PAGE, ...only }))).toBeLessThanOrEqual(PAGE + 1);
});

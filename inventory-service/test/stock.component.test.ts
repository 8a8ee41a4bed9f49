import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, post } from '../../test/support/http.ts';
import { type InventoryHarness, startInventoryService } from './inventory-harness.ts';

let house: InventoryHarness;
beforeAll(async () => {
  house = await startInventoryService({ STOCK_METRIC_INTERVAL_MS: '50' });
});
afterAll(() => house.stop());

it('the catalogue has twelve items, each booked in the ledger', async () => {
  const { body } = await ask(`${house.url}/api/inventory`);
  expect(body.items).toHaveLength(12);
  expect(body.items.find((item: { item_id: string }) => item.item_id === 'ps5')).toMatchObject({
    item_name: 'PlayStation 5',
    quantity: 100,
    reserved_quantity: 0,
  });
  for (const item of body.items) expect(await house.ledgerSum(item.item_id)).toBe(item.quantity);
});

it('a restock is booked once per id, however often and however concurrently it is sent', async () => {
  const before = await house.quantity('laptop');
  const body = { restock_id: 'delivery-1', quantity: 10 };
  const answers = await Promise.all(Array.from({ length: 5 }, () => house.restock('laptop', body)));
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
  expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') === 'true')).toHaveLength(4);
  expect(await house.quantity('laptop')).toBe(before + 10);
  expect(await house.ledgerSum('laptop')).toBe(before + 10);
});

it('a restock id that booked something else is refused', async () => {
  await house.restock('laptop', { restock_id: 'delivery-2', quantity: 1 });
  expect((await house.restock('laptop', { restock_id: 'delivery-2', quantity: 2 })).body.code).toBe(
    'RESTOCK_ID_REUSED',
  );
  expect((await house.restock('chair', { restock_id: 'delivery-2', quantity: 1 })).body.code).toBe('RESTOCK_ID_REUSED');
});

it('a restock beyond what can be counted is refused, so that every release has room', async () => {
  await house.deduct(randomUUID(), [{ item_id: 'microphone', quantity: 5 }]);
  await house.rows(`UPDATE inventory SET quantity = 2147483547 WHERE item_id = 'microphone'`);
  const refused = await house.restock('microphone', { restock_id: 'delivery-3', quantity: 96 });
  expect(refused.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field: 'quantity' }] });
  expect((await house.restock('microphone', { restock_id: 'delivery-3', quantity: 95 })).status).toBe(200);
});

it('a restock needs the operator, a known item and a whole positive quantity', async () => {
  const body = { restock_id: 'x', quantity: 1 };
  const stranger = await post(`${house.url}/api/inventory/ps5/restock`, body);
  expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  expect((await house.restock('unicorn', body)).status).toBe(404);
  expect((await house.restock('ps5', { restock_id: 'x', quantity: 0 })).body.errors[0].field).toBe('quantity');
  expect((await house.restock('ps5', { restock_id: '\0', quantity: 1 })).body.errors[0].field).toBe('restock_id');
});

it('a reader of the ledger that goes on from its last position misses nothing, though transactions commit out of order', async () => {
  // A transaction that took its number first and commits last.
  const slow = await house.pool.connect();
  await slow.query('BEGIN');
  await slow.query(
    `INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change, restock_id) VALUES ('restock', 'chair', 1, 'slow')`,
  );
  await house.deduct(randomUUID(), [{ item_id: 'keyboard', quantity: 1 }]);

  const seen: { restock_id: string | null }[] = [];
  let position = '';
  const readOn = async () => {
    const { body } = await ask(`${house.url}/api/inventory/ledger?limit=2${position && `&after=${position}`}`);
    seen.push(...body.items);
    position = body.next_cursor ?? position;
    return body.items.length as number;
  };
  while ((await readOn()) > 0);
  await slow.query('COMMIT');
  slow.release();
  await eventually(async () => {
    while ((await readOn()) > 0);
    expect(seen.map((entry) => entry.restock_id)).toContain('slow');
  });
  const [row] = await house.rows<{ n: number }>('SELECT count(*)::int AS n FROM inventory_transactions');
  expect(seen).toHaveLength(row?.n as number);
  // Undo the imbalance this test booked.
  await house.rows(`UPDATE inventory SET quantity = quantity + 1 WHERE item_id = 'chair'`);
});

it('the ledger of one item', async () => {
  const { body } = await ask(`${house.url}/api/inventory/ledger?item_id=monitor`);
  expect(body.items.every((entry: { item_id: string }) => entry.item_id === 'monitor')).toBe(true);
});

it('the ledger is read after any position there can be, and a wrong one is named', async () => {
  const after = (position: string) => ask(`${house.url}/api/inventory/ledger?after=${position}`);
  for (const position of ['0.0', '18446744073709551615.9223372036854775807']) {
    expect([position, (await after(position)).status]).toEqual([position, 200]);
  }
  for (const wrong of ['abc', '1', '18446744073709551616.0', '1.9223372036854775808', '09.0']) {
    const { status, body } = await after(wrong);
    expect([wrong, status, body.errors?.[0].field]).toEqual([wrong, 400, 'after']);
  }
});

it('the metrics show the stock of every item and what was booked', async () => {
  await house.deduct(randomUUID(), [{ item_id: 'headset', quantity: 2 }]);
  const left = await house.quantity('headset');
  await eventually(async () => {
    const { text } = await ask(`${house.url}/metrics`);
    expect(text).toContain(`inventory_stock_level{item_id="headset"} ${left}`);
    expect(text).toMatch(/inventory_transactions_total\{type="deduct"\} [1-9]/);
  });
});

it('health, self-description and unknown paths', async () => {
  for (const path of ['/livez', '/readyz', '/health']) expect((await ask(house.url + path)).body.status).toBe('up');
  expect((await ask(`${house.url}/openapi.json`)).body.openapi).toBe('3.1.0');
  expect((await ask(`${house.url}/api/inventory/unicorn`)).body.code).toBe('NOT_FOUND');
  expect((await ask(`${house.url}/api/inventory`, { method: 'PUT' })).headers.get('allow')).toBe('GET, POST');
});

it('the entries of several orders are read at once, also while an older transaction is open', async () => {
  const [one, other, third] = [randomUUID(), randomUUID(), randomUUID()];
  const slow = await house.pool.connect();
  await slow.query('BEGIN');
  await slow.query('SELECT pg_current_xact_id()');
  for (const id of [one, other, third]) await house.deduct(id, [{ item_id: 'mouse', quantity: 1 }]);
  const { body } = await ask(`${house.url}/api/inventory/ledger?order_id=${one},${third.toUpperCase()}`);
  expect(body.items.map((entry: { order_id: string }) => entry.order_id)).toEqual([one, third]);
  const { body: page } = await ask(`${house.url}/api/inventory/ledger?limit=1000`);
  expect(page).toMatchObject({ held_back: true });
  expect(page.items.some((entry: { order_id: string }) => entry.order_id === one)).toBe(false);
  await slow.query('COMMIT');
  slow.release();

  const tooMany = Array.from({ length: 101 }, () => randomUUID()).join(',');
  for (const wrong of [tooMany, 'none', `${one},`]) {
    expect((await ask(`${house.url}/api/inventory/ledger?order_id=${wrong}`)).status).toBe(400);
  }
});

it('the catalogue is read page by page, and no page is larger than asked for', async () => {
  const ids: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { body } = await ask(`${house.url}/api/inventory?limit=5${cursor && `&cursor=${cursor}`}`);
    expect(body.items.length).toBeLessThanOrEqual(5);
    ids.push(...body.items.map((item: { item_id: string }) => item.item_id));
    cursor = body.next_cursor;
  }
  expect(ids).toEqual(
    (await ask(`${house.url}/api/inventory`)).body.items.map((item: { item_id: string }) => item.item_id),
  );
  for (const [query, field] of [
    ['limit=1001', 'limit'],
    ['cursor=No', 'cursor'],
    ['page=2', 'page'],
  ]) {
    const refused = await ask(`${house.url}/api/inventory?${query}`);
    expect([refused.status, refused.body.errors[0].field]).toEqual([400, field]);
  }
});

it('of a large catalogue, the stock gauge shows what sold out last and what is nearly sold out', async () => {
  await house.rows(
    `WITH added AS (
       INSERT INTO inventory (item_id, item_name, quantity, price_cents, updated_at)
       SELECT 'bulk-' || n, 'Bulk', CASE WHEN n <= 200 THEN 0 ELSE n END, 1, now() - n * interval '1 hour'
       FROM generate_series(1, 3000) AS n RETURNING item_id, quantity
     )
     INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change)
     SELECT 'seed', item_id, quantity FROM added`,
  );
  const levels = async () => {
    const { text } = await ask(`${house.url}/metrics`);
    return new Map(
      [...text.matchAll(/^inventory_stock_level\{item_id="(.+)"\} (\d+)$/gm)].map(([, item = '', units]) => [
        item,
        units,
      ]),
    );
  };
  await eventually(async () => expect([...(await levels()).keys()]).toContain('bulk-1'));
  const shown = await levels();
  expect(shown.size).toBe(100);
  expect([shown.get('bulk-1'), shown.has('bulk-200')]).toEqual(['0', false]);
  expect([shown.get('bulk-201'), shown.has('bulk-3000')]).toEqual(['201', false]);
});

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Integrity } from '@valerix/contracts';
import { freshDatabase, freshRedis } from '@valerix/local-stack/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { startService } from '../../test/support/service-process.ts';

type Started = Awaited<ReturnType<typeof start>>;
let system: Started;
beforeEach(async () => {
  system = await start();
});
afterEach(() => system.stop());

/** Both real services, each over a database of the test's own. */
async function start() {
  const orders = await freshDatabase(inject('postgresUrl'), 'order_template');
  const stock = await freshDatabase(inject('postgresUrl'), 'inventory_template');
  const REDIS_URL = await freshRedis(inject('redisUrl'));
  const inventory = await startService('inventory-service', { DATABASE_URL: stock.url, REDIS_URL });
  const settings = {
    DATABASE_URL: orders.url,
    REDIS_URL,
    INVENTORY_URL: inventory.url,
    AUDIT_INTERVAL_MS: '100',
    AUDIT_PATIENCE_MS: '2000',
    // A busy machine must not turn a 201 into a 202 here.
    INVENTORY_ATTEMPT_TIMEOUT_MS: '5000',
    INVENTORY_DEADLINE_MS: '6000',
    LEASE_MS: '10000',
  };
  const order = await startService('order-service', settings);
  const pools = [orders, stock].map(({ url }) => new pg.Pool({ connectionString: url, max: 1 })) as [pg.Pool, pg.Pool];
  return {
    url: order.url,
    inventory,
    orderDb: pools[0],
    stockDb: pools[1],
    integrity: () => integrityOf(order.url),
    metrics: async () => (await fetch(`${order.url}/metrics`)).text(),
    startReplica: () => startService('order-service', settings),
    async order(items: { item_id: string; quantity: number }[] = [{ item_id: 'ps5', quantity: 1 }]): Promise<string> {
      const response = await fetch(`${order.url}/api/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: JSON.stringify({ items }),
      });
      expect(response.status).toBe(201);
      return ((await response.json()) as { order: { order_id: string } }).order.order_id;
    },
    cancel: async (id: string) => (await fetch(`${order.url}/api/orders/${id}/cancel`, { method: 'POST' })).status,
    async stop() {
      await order.stop();
      await inventory.stop();
      for (const pool of pools) await pool.end();
      for (const database of [orders, stock]) await database.drop();
    },
  };
}

const checked = (count: number) =>
  eventually(async () => {
    const state = await system.integrity();
    expect(state).toMatchObject({ verdict: 'ok', violations: [], detail: null });
    expect(state.orders_checked).toBeGreaterThanOrEqual(count);
  });

const integrityOf = async (url: string) => (await (await fetch(`${url}/api/integrity`)).json()) as Integrity;

const violated = (what: string, url = system.url) =>
  eventually(async () => {
    const { violations } = await integrityOf(url);
    expect(violations.map(({ invariant, subject }) => `${invariant} ${subject}`)).toContain(what);
  });

/** What docs/runbook.md says to run for an item, in its order. */
function runbookSql(item: string) {
  const text = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const found = [...text.matchAll(/^```sql\n(.*?)^```/gms)].map(([, sql]) =>
    (sql as string).replaceAll('<item>', item),
  );
  expect(found).toHaveLength(4);
  const [missing, tooMany, takeOut, stock] = found as [string, string, string, string];
  return { missing, tooMany, takeOut, stock };
}

describe('continuous integrity', () => {
  it('should check orders as they settle, cancellations included, and find nothing', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, () => system.order()));
    await checked(10);
    expect(await system.cancel(ids[0] as string)).toBe(200);
    await system.order([
      { item_id: 'xbox', quantity: 1 },
      { item_id: 'chair', quantity: 2 },
    ]);
    await checked(12);
    expect(await system.metrics()).toContain('valerix_integrity_violations{invariant="I5"} 0');
  });

  it('should name a double deduction within two seconds', async () => {
    const id = await system.order();
    await checked(1);
    await system.stockDb.query('DROP INDEX inventory_transactions_once');
    const planted = performance.now();
    await system.stockDb.query(
      `WITH ledger AS (INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change) VALUES ('deduct', $1, 'ps5', -1))
       UPDATE inventory SET quantity = quantity - 1, reserved_quantity = reserved_quantity + 1 WHERE item_id = 'ps5'`,
      [id],
    );
    await eventually(async () => expect((await system.integrity()).verdict).toBe('violated'));
    expect(performance.now() - planted).toBeLessThan(2_000);
    expect((await system.integrity()).violations).toMatchObject([{ invariant: 'I4', subject: id }]);
    expect(await system.metrics()).toContain('valerix_integrity_violations{invariant="I4"} 1');
  });

  it('should name the item whose units vanished, and take it back when they are found', async () => {
    await checked(0);
    await system.stockDb.query(`UPDATE inventory SET quantity = quantity - 1 WHERE item_id = 'xbox'`);
    await eventually(async () => {
      expect((await system.integrity()).violations).toMatchObject([{ invariant: 'I1', subject: 'xbox' }]);
    });
    await system.stockDb.query(`UPDATE inventory SET quantity = quantity + 1 WHERE item_id = 'xbox'`);
    await eventually(async () => expect((await system.integrity()).verdict).toBe('ok'), 20_000);
  });

  it('should take a difference back once the side that is wrong was corrected as the runbook says', async () => {
    const { missing, stock } = runbookSql('xbox');
    const line = { item_id: 'xbox', quantity: 2 };
    const [kept, cancelled] = [await system.order([line]), await system.order([line])];
    expect(await system.cancel(cancelled)).toBe(200);
    await checked(2);

    await system.stockDb.query(`UPDATE inventory SET quantity = quantity - 1 WHERE item_id = 'xbox'`);
    await violated('I1 xbox');
    expect((await system.stockDb.query(missing)).rows).toEqual([]);
    await system.stockDb.query(stock);
    await eventually(async () => expect((await system.integrity()).verdict).toBe('ok'), 30_000);

    // As if the deduction had been written without its entry.
    await system.stockDb.query(
      `DELETE FROM inventory_transactions WHERE transaction_type = 'deduct' AND order_id = $1`,
      [kept],
    );
    const { rows } = await system.stockDb.query(missing);
    expect(rows).toEqual([{ transaction_type: 'deduct', order_id: kept, item_id: 'xbox', quantity_change: -2 }]);
    const replica = await system.startReplica();
    try {
      await violated('I1 xbox', replica.url);
      await system.stockDb.query(
        'INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change) VALUES ($1, $2, $3, $4)',
        ['deduct', kept, 'xbox', -2],
      );
      await eventually(async () => expect((await integrityOf(replica.url)).verdict).toBe('ok'), 30_000);
    } finally {
      await replica.stop();
    }
  }, 90_000);

  it('should take an entry too many back as the runbook says: by its release, or by taking it out', async () => {
    const { missing, tooMany, takeOut } = runbookSql('xbox');
    const line = { item_id: 'xbox', quantity: 2 };
    const [kept, cancelled] = [await system.order([line]), await system.order([line])];
    expect(await system.cancel(cancelled)).toBe(200);
    await checked(2);
    const append = (type: string, orderId: string) =>
      system.stockDb.query(
        'INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change) VALUES ($1, $2, $3, $4)',
        [type, orderId, 'xbox', type === 'deduct' ? -2 : 2],
      );
    expect((await system.stockDb.query(tooMany)).rows).toEqual([]);

    const stranger = randomUUID();
    await append('deduct', stranger);
    await violated('I1 xbox');
    const entry = { transaction_type: 'deduct', order_id: stranger, quantity_change: -2 };
    expect((await system.stockDb.query(tooMany)).rows).toEqual([{ ...entry, position: expect.any(String) }]);
    await append('release', stranger);
    await eventually(async () => expect((await system.integrity()).verdict).toBe('ok'), 30_000);

    await append('release', kept);
    await violated('I1 xbox');
    expect((await system.stockDb.query(missing)).rows).toEqual([]);
    const found = (await system.stockDb.query(tooMany)).rows as { order_id: string; position: string }[];
    expect(found.map(({ order_id }) => order_id).sort()).toEqual([kept, stranger, stranger].sort());
    const { position } = found.find(({ order_id }) => order_id === kept) as { position: string };
    expect((await system.stockDb.query(takeOut.replace('<position>', position))).rowCount).toBe(1);
    const restarted = await system.startReplica();
    try {
      await eventually(async () => {
        expect(await integrityOf(restarted.url)).toMatchObject({ verdict: 'ok', orders_checked: 3 });
      }, 30_000);
    } finally {
      await restarted.stop();
    }
  }, 90_000);

  it('should name stock taken for nobody, and a failed order that keeps its stock', async () => {
    const stranger = randomUUID();
    const id = await system.order();
    await checked(1);
    await system.stockDb.query(
      `WITH ledger AS (INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change) VALUES ('deduct', $1, 'ps5', -1))
       UPDATE inventory SET quantity = quantity - 1, reserved_quantity = reserved_quantity + 1 WHERE item_id = 'ps5'`,
      [stranger],
    );
    await system.orderDb.query(
      `WITH moved AS (UPDATE orders SET status = 'failed', reason = 'OUT_OF_STOCK' WHERE order_id = $1 RETURNING *)
       INSERT INTO order_events (type, order_id, correlation_id, causation_id, data)
       SELECT 'order.failed', order_id, correlation_id, 'test', '{}' FROM moved`,
      [id],
    );
    await eventually(async () => {
      const { violations } = await system.integrity();
      expect(violations.map(({ invariant, subject }) => `${invariant} ${subject}`).sort()).toEqual(
        [`I5 ${stranger}`, `I6 ${id}`, `I9 ${id}`].sort(),
      );
    });
  });

  it('should say unknown, and why, while the warehouse is away', async () => {
    await system.order();
    await checked(1);
    const lag = async () => Number(/^valerix_integrity_lag_seconds (.*)$/m.exec(await system.metrics())?.[1]);
    expect(await lag()).toBeLessThan(60);
    await system.inventory.kill('SIGKILL');
    await eventually(async () => expect(await lag()).toBeGreaterThan(1));
    await eventually(async () => {
      const state = await system.integrity();
      expect(state.verdict).toBe('unknown');
      expect(state.detail).toMatch(/could not be compared/);
    });
  });

  it('should begin with the whole history, on every replica', async () => {
    await Promise.all(Array.from({ length: 5 }, () => system.order()));
    await checked(5);
    const replica = await system.startReplica();
    try {
      await eventually(async () => {
        expect(await integrityOf(replica.url)).toMatchObject({ verdict: 'ok', orders_checked: 5 });
      });
    } finally {
      await replica.stop();
    }
  });
});

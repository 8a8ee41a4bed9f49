import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { type AuditedSystem, startAudited } from './audit-harness.ts';

let system: AuditedSystem;
beforeEach(async () => {
  system = await startAudited();
});
afterEach(() => system.stop());

const checked = (count: number) => system.checked(count);
const violated = (what: string, url = system.url) => system.violated(what, url);

/** What docs/runbook.md says to run for an item, in its order. */
function runbookSql(item: string) {
  const text = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const found = [...text.matchAll(/^```sql\n(.*?)^```/gms)].map(([, sql]) =>
    (sql as string).replaceAll('<item>', item),
  );
  expect(found).toHaveLength(5);
  const [missing, tooMany, takeOut, forget, stock] = found as [string, string, string, string, string];
  return { missing, tooMany, takeOut, forget, stock };
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
    await checked(11);
    expect(await system.metrics()).toContain('valerix_integrity_violations{invariant="I5"} 0');
  });

  it('should count with an item that is added while orders run, and name it when its units vanish', async () => {
    const drone = { item_id: 'drone', item_name: 'Drone', quantity: 50, price_cents: 100 };
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
    const add = () =>
      fetch(`${system.inventory.url}/api/inventory`, { method: 'POST', headers, body: JSON.stringify(drone) });
    const [added] = await Promise.all([add(), ...Array.from({ length: 10 }, () => system.order())]);
    expect(added.status).toBe(201);
    await Promise.all(Array.from({ length: 10 }, () => system.order([{ item_id: 'drone', quantity: 2 }])));
    await checked(20);
    await system.stockDb.query(`UPDATE inventory SET quantity = quantity - 1 WHERE item_id = 'drone'`);
    await system.violated('I1 drone');
  });

  it('should name a double deduction', async () => {
    const id = await system.order();
    await checked(1);
    await system.stockDb.query('DROP INDEX inventory_transactions_once');
    await system.stockDb.query(
      `WITH ledger AS (INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change) VALUES ('deduct', $1, 'ps5', -1))
       UPDATE inventory SET quantity = quantity - 1, reserved_quantity = reserved_quantity + 1 WHERE item_id = 'ps5'`,
      [id],
    );
    await eventually(async () => expect((await system.integrity()).verdict).toBe('violated'));
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
    const { missing, stock, forget } = runbookSql('xbox');
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
    // The entry was counted before it was taken out.
    await system.orderDb.query(forget);
    await violated('I1 xbox');
    await system.stockDb.query(
      'INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change) VALUES ($1, $2, $3, $4)',
      ['deduct', kept, 'xbox', -2],
    );
    await eventually(async () => expect((await system.integrity()).verdict).toBe('ok'), 30_000);
  }, 90_000);

  it('should take an entry too many back as the runbook says: by its release, or by taking it out', async () => {
    const { missing, tooMany, takeOut, forget } = runbookSql('xbox');
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
    await system.orderDb.query(forget);
    await eventually(async () => {
      expect(await system.integrity()).toMatchObject({ verdict: 'ok', orders_checked: 2 });
    }, 30_000);
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

  it('should say unknown, and why, while the inventory service is away', async () => {
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
});

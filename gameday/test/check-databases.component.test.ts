import { KEY_SEPARATOR } from '@valerix/contracts';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { checkDatabases, checkDatabasesFully } from '../src/checker/check-databases.ts';
import { uuid, World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await World.create(inject('postgresUrl'));
});
afterEach(() => world.drop());

const [A, B, C, D] = [uuid(1), uuid(2), uuid(3), uuid(4)];

/** The invariants found broken, with their subjects. */
async function broken(): Promise<string[]> {
  const violations = await checkDatabases(world);
  return violations.map(({ invariant, subject }) => `${invariant} ${subject}`).sort();
}

async function healthy(): Promise<void> {
  await world.order({
    id: A,
    status: 'confirmed',
    items: [
      { item_id: 'xbox', quantity: 2 },
      { item_id: 'ps5', quantity: 1 },
    ],
  });
  await world.decide(A, 'applied', {
    items: [
      { item_id: 'xbox', quantity: 2 },
      { item_id: 'ps5', quantity: 1 },
    ],
  });
  await world.order({ id: B, status: 'failed', items: [{ item_id: 'ps5', quantity: 1000 }] });
  await world.decide(B, 'refused', { items: [{ item_id: 'ps5', quantity: 1000 }] });
  await world.order({ id: C, status: 'cancelled' });
  await world.decide(C, 'applied', { released: true });
  await world.order({
    id: D,
    status: 'cancelled',
    events: ['created', 'queued', 'cancelling', 'cancelled'],
    responseStatus: 202,
  });
  await world.decide(D, 'voided');
}

async function waitingForStock(): Promise<number> {
  const { rows } = await world.inventory.query(
    `SELECT count(*)::int AS waiting FROM pg_locks WHERE relation = 'inventory'::regclass AND NOT granted`,
  );
  return rows[0].waiting;
}

describe('the checker over both databases', () => {
  it('should find nothing when every invariant holds', async () => {
    await healthy();
    expect(await checkDatabases(world)).toEqual([]);
  });

  it('should know the order of a user by the key that the user sent', async () => {
    await world.order({ id: A, status: 'failed', key: `${uuid(9)}${KEY_SEPARATOR}run-1` });
    await world.order({ id: B, status: 'failed', key: 'run-2' });
    const keys: string[] = [];
    await checkDatabasesFully({ ...world, onOrder: ({ key }) => void keys.push(key) });
    expect(keys).toEqual(['run-1', 'run-2']);
  });

  it('should judge nothing that a retention dropped, from one database or from both', async () => {
    await healthy();
    await world.orders.query('DELETE FROM orders WHERE order_id < $1', [C]);
    await world.orders.query('DELETE FROM order_events WHERE order_id < $1', [C]);
    expect(await broken()).toEqual([`I5 ${A}`, `I7 ${B}`]);
    await world.orders.query('UPDATE retention SET gone_before = $1', [C]);
    expect(await broken()).toEqual([]);

    await world.inventory.query('DELETE FROM inventory_decisions WHERE order_id < $1', [C]);
    await world.inventory.query(
      `WITH gone AS (DELETE FROM inventory_transactions WHERE order_id < $1 OR transaction_type = 'seed' RETURNING *)
       INSERT INTO opening_balances
       SELECT item_id, sum(quantity_change) FILTER (WHERE order_id IS NULL),
         coalesce(-sum(quantity_change) FILTER (WHERE order_id IS NOT NULL), 0), max(created_at)
       FROM gone GROUP BY item_id`,
      [C],
    );
    expect(await broken()).toEqual([]);
    await world.inventory.query(`UPDATE opening_balances SET taken = taken + 1 WHERE item_id = 'xbox'`);
    expect(await broken()).toEqual(['I1 xbox', 'I1 xbox']);
  });

  it('should name the item whose stock and ledger disagree (I1)', async () => {
    await healthy();
    await world.inventory.query(`UPDATE inventory SET quantity = quantity - 1 WHERE item_id = 'xbox'`);
    expect(await broken()).toEqual(['I1 xbox']);
  });

  it('should name the item whose reserved units and ledger disagree (I1)', async () => {
    await world.inventory.query(`UPDATE inventory SET reserved_quantity = 7 WHERE item_id = 'xbox'`);
    expect(await broken()).toEqual(['I1 xbox']);
  });

  it('should name the item that was oversold (I2)', async () => {
    await world.inventory.query('ALTER TABLE inventory DROP CONSTRAINT inventory_quantity_check');
    await world.order({ id: A, status: 'confirmed', items: [{ item_id: 'chair', quantity: 21 }] });
    await world.decide(A, 'applied', { items: [{ item_id: 'chair', quantity: 21 }] });
    expect(await broken()).toEqual(['I2 chair']);
  });

  it('should name the key that two orders have (I3)', async () => {
    await world.orders.query('ALTER TABLE orders DROP CONSTRAINT orders_idempotency_key_key');
    for (const id of [A, B]) {
      await world.order({ id, key: 'one-key', status: 'confirmed' });
      await world.decide(id, 'applied');
    }
    expect(await broken()).toEqual(['I3 one-key']);
  });

  it('should name the order that was decided about twice, and call it nothing else (I4)', async () => {
    await healthy();
    await world.inventory.query('ALTER TABLE inventory_decisions DROP CONSTRAINT inventory_decisions_pkey');
    await world.inventory.query(
      'INSERT INTO inventory_decisions (order_id, outcome, items, decided_at) SELECT order_id, outcome, items, decided_at FROM inventory_decisions WHERE order_id = $1',
      [A],
    );
    expect(await broken()).toEqual([`I4 ${A}`]);
  });

  it('should name the order whose stock was deducted twice (I4, I5)', async () => {
    await healthy();
    await world.inventory.query('DROP INDEX inventory_transactions_once');
    await world.move('deduct', A, { item_id: 'ps5', quantity: 1 });
    expect(await broken()).toEqual([`I4 ${A}`, `I5 ${A}`]);
  });

  it('should name the order whose decision and ledger disagree (I4)', async () => {
    await world.order({ id: A, status: 'queued' });
    await world.decide(A, 'refused', { items: [{ item_id: 'ps5', quantity: 1000 }] });
    await world.move('deduct', A, { item_id: 'ps5', quantity: 1 });
    const found = await checkDatabases({ ...world, expectSettled: false });
    expect(found).toMatchObject([{ invariant: 'I4', class: 'drift', subject: A }]);
  });

  it('should name the confirmed order without a deduction (I5, lost)', async () => {
    await healthy();
    await world.order({ id: uuid(9), status: 'confirmed' });
    expect(await checkDatabases(world)).toMatchObject([{ invariant: 'I5', class: 'lost', subject: uuid(9) }]);
  });

  it('should name the confirmed order whose stock went back (I5)', async () => {
    await world.order({ id: A, status: 'confirmed' });
    await world.decide(A, 'applied', { released: true });
    expect(await broken()).toEqual([`I5 ${A}`]);
  });

  it('should name the confirmed order that took something else (I5)', async () => {
    await world.order({ id: A, status: 'confirmed', items: [{ item_id: 'ps5', quantity: 1 }] });
    await world.decide(A, 'applied', { items: [{ item_id: 'ps5', quantity: 2 }] });
    expect(await broken()).toEqual([`I5 ${A}`]);
  });

  it('should name the deduction nobody ordered (I5, unexpected)', async () => {
    await healthy();
    await world.decide(uuid(0), 'applied');
    await world.decide(uuid(9), 'applied');
    expect(await checkDatabases(world)).toMatchObject([
      { invariant: 'I5', class: 'unexpected', subject: uuid(0) },
      { invariant: 'I5', class: 'unexpected', subject: uuid(9) },
    ]);
  });

  it('should not take an order that came between the two snapshots for an orphan while the system runs (I5)', async () => {
    await world.decide(A, 'applied');
    await world.decide(B, 'refused', { items: [{ item_id: 'ps5', quantity: 1000 }] });
    await world.decide(C, 'applied');
    // Both snapshots are taken when the stock is read: the checker is held there.
    await world.inventory.query('BEGIN; LOCK TABLE inventory IN ACCESS EXCLUSIVE MODE');
    const checking = checkDatabases({ ...world, expectSettled: false });
    await expect.poll(waitingForStock, { timeout: 20_000 }).toBe(1);
    await world.order({ id: A, status: 'confirmed' });
    await world.order({ id: B, status: 'failed', items: [{ item_id: 'ps5', quantity: 1000 }] });
    await world.inventory.query('COMMIT');
    expect(await checking).toMatchObject([{ invariant: 'I5', class: 'unexpected', subject: C }]);
  });

  it('should name the failed and the cancelled order that keep their stock (I6)', async () => {
    await world.order({ id: A, status: 'failed' });
    await world.decide(A, 'applied');
    await world.order({ id: B, status: 'cancelled' });
    await world.decide(B, 'applied');
    expect(await broken()).toEqual([`I6 ${A}`, `I6 ${B}`]);
  });

  it('should name the cancelled order that a late deduction could still reach (I6)', async () => {
    await world.order({ id: A, status: 'cancelled' });
    expect(await broken()).toEqual([`I6 ${A}`]);
  });

  it('should name the order that only its traces remember (I7)', async () => {
    await healthy();
    await world.orders.query('DELETE FROM orders WHERE order_id = $1', [B]);
    expect(await broken()).toEqual([`I7 ${B}`, `I7 ${B}`]);
  });

  it('should name the orders that came to no end, unless told to wait (I8)', async () => {
    await world.order({ id: A, status: 'pending' });
    await world.order({ id: B, status: 'queued' });
    await world.order({ id: C, status: 'cancelling' });
    await world.decide(C, 'applied', { released: true });
    expect(await broken()).toEqual([`I8 ${A}`, `I8 ${B}`, `I8 ${C}`]);
    expect(await checkDatabases({ ...world, expectSettled: false })).toEqual([]);
  });

  it('should name the order that moved against the state machine (I9)', async () => {
    await world.order({ id: A, status: 'confirmed', events: ['created', 'failed', 'confirmed'] });
    await world.decide(A, 'applied');
    await world.order({ id: B, status: 'confirmed', events: ['created', 'queued'] });
    await world.decide(B, 'applied');
    await world.order({ id: C, status: 'confirmed', events: [] });
    await world.decide(C, 'applied');
    const found = (await checkDatabases(world)).filter(({ invariant }) => invariant === 'I9');
    expect(found.map(({ subject }) => subject)).toEqual([A, B, C]);
  });

  it('should name the order whose kept answer is not what happened (I10)', async () => {
    await world.order({ id: A, status: 'confirmed', responseStatus: 422 });
    await world.decide(A, 'applied');
    await world.order({ id: B, status: 'confirmed', responseStatus: null });
    await world.decide(B, 'applied');
    expect(await broken()).toEqual([`I10 ${A}`, `I10 ${B}`]);
  });

  it('should name the order refused although there was stock (I12)', async () => {
    await world.inventory.query("UPDATE inventory_transactions SET created_at = created_at - interval '1 minute'");
    await world.order({ id: A, status: 'failed' });
    await world.decide(A, 'refused');
    await world.order({ id: B, status: 'failed', reason: 'ITEM_NOT_FOUND' });
    await world.decide(B, 'refused', { reason: 'ITEM_NOT_FOUND' });
    expect(await broken()).toEqual([`I12 ${A}`, `I12 ${B}`]);
  });

  it('should believe that an item was unknown until it was added (I12)', async () => {
    const items = [{ item_id: 'drone', quantity: 1 }];
    await world.order({ id: A, status: 'failed', items, reason: 'ITEM_NOT_FOUND' });
    await world.decide(A, 'refused', { items, reason: 'ITEM_NOT_FOUND' });
    await world.inventory.query(
      `WITH added AS (INSERT INTO inventory (item_id, item_name, quantity, price_cents) VALUES ('drone', 'Drone', 5, 1))
       INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change) VALUES ('seed', 'drone', 5)`,
    );
    await world.order({ id: B, status: 'confirmed', items });
    await world.decide(B, 'applied', { items });
    expect(await broken()).toEqual([]);
  });

  it('should name the failed order that the inventory service did not refuse, or for another reason (I12)', async () => {
    const items = [{ item_id: 'ps5', quantity: 1000 }];
    await world.order({ id: A, status: 'failed' });
    await world.decide(A, 'applied', { released: true });
    await world.order({ id: B, status: 'failed', reason: 'ORDER_VOIDED' });
    await world.decide(B, 'voided');
    await world.order({ id: C, status: 'failed', items, reason: 'ITEM_NOT_FOUND' });
    await world.decide(C, 'refused', { items });
    expect(await broken()).toEqual([`I12 ${A}`, `I12 ${B}`, `I12 ${C}`]);
  });

  it('should believe a refusal while the stock was taken and given back (I12)', async () => {
    const items = [{ item_id: 'chair', quantity: 20 }];
    await world.order({ id: A, status: 'cancelled', items });
    await world.decide(A, 'applied', { items, released: true });
    await world.order({ id: B, status: 'failed', items });
    await world.decide(B, 'refused', { items });
    expect(await broken()).toEqual([]);
  });
});

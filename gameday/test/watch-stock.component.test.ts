import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { MoneyWatch } from '../src/runner/watch-money.ts';
import { StockWatch } from '../src/runner/watch-stock.ts';
import { uuid, World } from './world.ts';

let world: World;
let watch: StockWatch;
beforeEach(async () => {
  world = await World.create(inject('postgresUrl'));
  watch = new StockWatch(world.services.inventory.databaseUrl);
});
afterEach(async () => {
  await watch.close();
  await world.drop();
});

const found = async () => (await watch.look()).map(({ invariant, subject }) => `${invariant} ${subject}`);

describe('the watch on the ledger', () => {
  it('should find nothing while orders come and go', async () => {
    expect(await found()).toEqual([]);
    for (let number = 0; number < 5; number++) {
      await world.decide(uuid(number), 'applied', { released: number % 2 === 0 });
      expect(await found()).toEqual([]);
    }
  });

  it('should see units that vanish, at the next look (I1)', async () => {
    await found();
    await world.inventory.query(`UPDATE inventory SET quantity = quantity - 1 WHERE item_id = 'xbox'`);
    expect(await found()).toEqual(['I1 xbox']);
  });

  it('should see a double deduction of an order that was well before (I4)', async () => {
    await world.decide(uuid(1), 'applied');
    expect(await found()).toEqual([]);
    await world.inventory.query('DROP INDEX inventory_transactions_once');
    await world.move('deduct', uuid(1), { item_id: 'ps5', quantity: 1 });
    expect(await found()).toEqual([`I4 ${uuid(1)}`]);
  });

  it('should be exact while a transaction is under way', async () => {
    await found();
    await world.inventory.query('BEGIN');
    await world.inventory.query(`UPDATE inventory SET quantity = quantity + 5 WHERE item_id = 'xbox'`);
    await world.inventory.query(
      `INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change, restock_id) VALUES ('restock', 'xbox', 5, 'r')`,
    );
    expect(await found()).toEqual([]);
    await world.inventory.query('COMMIT');
    expect(await found()).toEqual([]);
  });

  it('should go on after the connection was lost', async () => {
    await found();
    await world.inventory.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gameday-watch' AND datname = current_database()`,
    );
    await watch.look().catch(() => {});
    await world.inventory.query(`UPDATE inventory SET quantity = quantity - 1 WHERE item_id = 'xbox'`);
    expect(await found()).toEqual(['I1 xbox']);
  });
});

describe('the watch on stock and payments', () => {
  let money: MoneyWatch;
  beforeEach(() => {
    money = new MoneyWatch(world.services);
  });
  afterEach(() => money.close());
  const kept = async () => (await money.look()).map(({ invariant, subject }) => `${invariant} ${subject}`);

  it('sees stock that is released while its money is kept (I15)', async () => {
    await world.decide(uuid(1), 'applied', { released: true });
    await world.pay(uuid(1), 100);
    // Older than the watch, whatever transactions of other test files run on this server.
    await world.inventory.query("UPDATE inventory_transactions SET tx = '3'");
    expect(await kept()).toEqual([]);
    await world.decide(uuid(2), 'applied', { released: true });
    await world.pay(uuid(2), 100);
    expect(await kept()).toEqual([`I15 ${uuid(2)}`]);
  });

  it('leaves alone a charge that came after its tombstone, which goes back by itself', async () => {
    expect(await kept()).toEqual([]);
    await world.pay(uuid(1), 100, { outcome: 'voided' });
    await world.decide(uuid(1), 'applied', { released: true });
    expect(await kept()).toEqual([]);
  });

  it('finds nothing when the money is refunded first, or was never taken', async () => {
    expect(await kept()).toEqual([]);
    await world.pay(uuid(1), 100, { refunded: true });
    await world.decide(uuid(1), 'applied', { released: true });
    await world.decide(uuid(2), 'applied', { released: true });
    await world.pay(uuid(3), 100);
    await world.decide(uuid(3), 'applied');
    expect(await kept()).toEqual([]);
  });
});

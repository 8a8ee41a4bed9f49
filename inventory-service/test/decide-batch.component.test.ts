import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { freshPool } from '../../test/support/fresh-pool.ts';
import { type Decision, decide, type Stock, type StockCommand } from '../src/decide.ts';
import { createInventoryStore } from '../src/inventory-store.ts';

const { pool, drop } = await freshPool('inventory_template', 1);
afterAll(drop);

const STOCK = 12;
const ITEMS = ['ps5', 'xbox', 'chair'];

async function restore(): Promise<void> {
  await pool.query('TRUNCATE inventory_transactions, inventory_decisions');
  await pool.query('UPDATE inventory SET quantity = $1, reserved_quantity = 0, held_quantity = 0', [STOCK]);
}
beforeEach(restore);

const take = (quantity = 1, item_id = 'ps5', op: 'deduct' | 'reserve' = 'deduct'): StockCommand => ({
  op,
  order_id: randomUUID(),
  items: [{ item_id, quantity }],
});

async function stockNow(): Promise<Map<string, Stock & { held: number }>> {
  const { rows } = await pool.query<Stock & { item_id: string; held: number }>(
    'SELECT item_id, quantity, price_cents, currency, held_quantity AS held FROM inventory WHERE item_id = ANY($1) ORDER BY item_id',
    [ITEMS],
  );
  return new Map(rows.map(({ item_id, ...row }) => [item_id, row]));
}

/** What `work` sends to the database. */
async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  // The pool has this one connection.
  const client = await pool.connect();
  client.release();
  const sent = vi.spyOn(client, 'query');
  await work();
  const { length } = sent.mock.calls;
  sent.mockRestore();
  return length;
}

const reserve = (quantity = 1, item_id = 'ps5'): StockCommand => take(quantity, item_id, 'reserve');
const then = (op: 'commit' | 'release', { order_id }: StockCommand): StockCommand => ({ op, order_id });

const timeless = ({ decided_at: _, released_at, ...rest }: Decision) => ({ ...rest, released: released_at !== null });

it('replicas that do not see what each other did decide as one would: whoever guesses wrong reads', async () => {
  const line = fc.record({ item_id: fc.constantFrom(...ITEMS, 'unicorn'), quantity: fc.integer({ min: 1, max: 4 }) });
  const command = fc.record({
    op: fc.constantFrom(
      'deduct' as const,
      'deduct' as const,
      'reserve' as const,
      'commit' as const,
      'release' as const,
    ),
    order: fc.nat(30),
    items: fc.uniqueArray(line, { selector: ({ item_id }) => item_id, minLength: 1, maxLength: 2 }),
  });
  const step = fc.record({ replica: fc.nat(1), batch: fc.array(command, { minLength: 1, maxLength: 4 }) });

  await fc.assert(
    fc
      .asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (history) => {
        const replicas = [createInventoryStore({ pool }), createInventoryStore({ pool })];
        const ids = Array.from({ length: 31 }, () => randomUUID());
        const stock = await stockNow();
        const known = new Map<string, Decision>();
        for (const { replica, batch } of history) {
          const commands = batch.map(({ op, order, items }): StockCommand => {
            const order_id = ids[order] as string;
            return op === 'release' || op === 'commit' ? { op, order_id } : { op, order_id, items };
          });
          const expected = decide(commands, stock, known, new Date().toISOString());
          for (const answer of expected.answers) known.set(answer.order_id, answer);
          for (const [item, delta] of expected.deltas) {
            const one = stock.get(item) ?? expect.fail();
            stock.set(item, { ...one, quantity: one.quantity + delta.quantity, held: one.held + delta.held });
          }

          const { answers } = await (replicas[replica] ?? expect.fail()).decideBatch(commands);
          expect(answers.map(timeless)).toEqual(expected.answers.map(timeless));
          expect(await stockNow()).toEqual(stock);
        }
      })
      .beforeEach(restore),
    { numRuns: 40 },
  );
});

it('new orders that get their stock cost one statement, once the stock has been seen', async () => {
  const store = createInventoryStore({ pool });
  await store.decideBatch([take()]);
  expect(await statementsOf(() => store.decideBatch([take(2), take(3), take(1)]))).toBe(1);
  expect((await stockNow()).get('ps5')?.quantity).toBe(STOCK - 7);
});

it('an order that seems short of stock is refused under locks alone, and one that is sent again reads its decision', async () => {
  const store = createInventoryStore({ pool });
  const first = take();
  await store.decideBatch([first]);
  await store.decideBatch([take(STOCK - 2)]);
  const locked = 5;
  expect(await statementsOf(() => store.decideBatch([take(2)]))).toBe(locked);
  // There is nothing to write.
  expect(await statementsOf(() => store.decideBatch([{ ...first, attempt: 2 }]))).toBe(locked - 1);
});

it('I2: stock that others took unseen is not taken again', async () => {
  const store = createInventoryStore({ pool });
  await store.decideBatch([take()]);
  await pool.query("UPDATE inventory SET quantity = 2 WHERE item_id = 'ps5'");
  const { answers } = await store.decideBatch([take(), take(), take()]);
  expect(answers.map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'refused']);
  expect((await stockNow()).get('ps5')?.quantity).toBe(0);
});

it('I12: a restock that this replica did not see is found before an order is refused', async () => {
  const store = createInventoryStore({ pool });
  await store.decideBatch([take(STOCK)]);
  await pool.query("UPDATE inventory SET quantity = 5 WHERE item_id = 'ps5'");
  expect((await store.decideBatch([take(5)])).answers[0]?.outcome).toBe('applied');
});

it('commits of reservations made here cost one statement, with new orders or without', async () => {
  const store = createInventoryStore({ pool });
  const [first, second, third] = [reserve(1), reserve(2), reserve(1, 'xbox')];
  await store.decideBatch([first, second, third]);
  expect(await statementsOf(() => store.decideBatch([then('commit', first), take(), reserve(3)]))).toBe(1);
  expect((await stockNow()).get('ps5')).toMatchObject({ quantity: STOCK - 7, held: 5 });
  expect(await statementsOf(() => store.decideBatch([then('commit', third), then('commit', second)]))).toBe(1);
  const stock = await stockNow();
  expect([stock.get('ps5')?.held, stock.get('xbox')?.held]).toEqual([3, 0]);
});

it.each(['commit', 'release'] as const)(
  'I17: a commit takes nothing twice after a %s that this replica did not see',
  async (op) => {
    const [here, there] = [createInventoryStore({ pool }), createInventoryStore({ pool })];
    const [ended, open] = [reserve(2), reserve(3)];
    await here.decideBatch([ended, open]);
    const earlier = (await there.decideBatch([then(op, ended)])).answers[0];
    const { answers } = await here.decideBatch([then('commit', open), then('commit', ended)]);
    expect(answers[1]).toEqual(earlier);
    expect((await stockNow()).get('ps5')).toMatchObject({ quantity: op === 'commit' ? STOCK - 5 : STOCK - 3, held: 0 });
  },
);

it('I17: a commit gives back what was held, though the price has changed unseen', async () => {
  const store = createInventoryStore({ pool });
  const order = reserve(2);
  const { prices } = (await store.decideBatch([order])).answers[0] as Decision;
  await pool.query("UPDATE inventory SET price_cents = price_cents + 1 WHERE item_id = 'ps5'");
  const { answers } = await store.decideBatch([then('commit', order)]);
  expect(answers[0]).toMatchObject({ outcome: 'applied', held: false, prices });
  expect((await stockNow()).get('ps5')).toMatchObject({ quantity: STOCK - 2, held: 0 });
});

it('a commit that shares a batch with the release of its order, or comes again, ends as it would alone', async () => {
  const store = createInventoryStore({ pool });
  const [given, kept] = [reserve(2), reserve(3)];
  await store.decideBatch([given, kept]);
  const batch = [then('commit', given), then('release', given), then('commit', kept), then('commit', kept)];
  const { answers } = await store.decideBatch(batch);
  expect(answers.map(({ held }) => held)).toEqual([false, false, false, false]);
  expect(answers[1]?.released_at).not.toBeNull();
  expect((await stockNow()).get('ps5')).toMatchObject({ quantity: STOCK - 3, held: 0 });
});

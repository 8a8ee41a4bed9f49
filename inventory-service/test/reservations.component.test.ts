import { randomUUID } from 'node:crypto';
import type { LedgerEntry } from '@valerix/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { type InventoryHarness, startInventoryService } from './inventory-harness.ts';

let house: InventoryHarness;
beforeAll(async () => {
  house = await startInventoryService();
});
afterAll(() => house.stop());

const send = async (command: object) => (await house.commands([command])).get(0);
const take = (op: 'deduct' | 'reserve', order_id: string, item_id: string, more: object = {}) =>
  send({ op, order_id, items: [{ item_id, quantity: 2 }], ...more });
const itemOf = async (id: string) => (await ask(`${house.url}/api/inventory/${id}`)).body.item;
const setPrice = (id: string, price_cents: number) =>
  ask(`${house.url}/api/inventory/${id}`, {
    method: 'PATCH',
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ price_cents }),
  });

it('I17: a reservation is held until it is committed or released, however often each is asked for', async () => {
  const { quantity } = await itemOf('chair');
  const [kept, given] = [randomUUID(), randomUUID()];
  for (const id of [kept, given]) expect((await take('reserve', id, 'chair')).decision).toMatchObject({ held: true });
  expect(await itemOf('chair')).toMatchObject({ quantity: quantity - 4, reserved_quantity: 4, taken_quantity: 4 });
  for (let n = 0; n < 2; n++) {
    expect((await send({ op: 'commit', order_id: kept })).decision).toMatchObject({ outcome: 'applied', held: false });
    expect((await send({ op: 'release', order_id: given })).decision).toMatchObject({
      outcome: 'applied',
      held: false,
    });
    expect(await itemOf('chair')).toMatchObject({ quantity: quantity - 2, reserved_quantity: 0, taken_quantity: 2 });
  }
  // A committed order can still be cancelled.
  expect((await send({ op: 'release', order_id: kept })).decision.released_at).not.toBeNull();
  expect(await itemOf('chair')).toMatchObject({ quantity, reserved_quantity: 0, taken_quantity: 0 });
  expect(await house.ledgerSum('chair')).toBe(quantity);
});

it('I17: the ledger of named orders tells which of them still hold their units', async () => {
  const [open, kept] = [randomUUID(), randomUUID()];
  for (const id of [open, kept]) await take('reserve', id, 'monitor');
  await send({ op: 'commit', order_id: kept });
  const { items } = (await ask(`${house.url}/api/inventory/ledger?order_id=${open},${kept}`)).body;
  expect(Object.fromEntries(items.map((entry: LedgerEntry) => [entry.order_id, entry.held]))).toEqual({
    [open]: true,
    [kept]: false,
  });
  const { items: held } = (await ask(`${house.url}/api/inventory/ledger?held=true&order_id=${open},${kept}`)).body;
  expect(held.map((entry: LedgerEntry) => entry.order_id)).toEqual([open]);
  const refused = await ask(`${house.url}/api/inventory/ledger?held=true`);
  expect([refused.status, refused.body.errors[0].field]).toEqual([400, 'held']);
  const [first] = (await ask(`${house.url}/api/inventory/ledger?limit=1`)).body.items;
  expect(first).not.toHaveProperty('held');
  await send({ op: 'release', order_id: open });
});

it('the commit of an order that was never reserved leaves a tombstone, and so does its release', async () => {
  for (const op of ['commit', 'release']) {
    const order_id = randomUUID();
    expect((await send({ op, order_id })).decision).toMatchObject({ outcome: 'voided', reason: 'ORDER_VOIDED' });
    expect((await take('reserve', order_id, 'chair')).decision).toMatchObject({ outcome: 'voided' });
  }
  expect((await itemOf('chair')).reserved_quantity).toBe(0);
});

it('an order without payment is never counted as reserved', async () => {
  const before = await itemOf('mouse');
  expect((await take('deduct', randomUUID(), 'mouse')).decision).toMatchObject({ outcome: 'applied', held: false });
  expect(await itemOf('mouse')).toMatchObject({
    quantity: before.quantity - 2,
    reserved_quantity: 0,
    taken_quantity: 2,
  });
});

it('each order has the price of its decision, on every replica, whatever is asked at once and changed meanwhile', async () => {
  const other = await house.startReplica();
  try {
    const first = randomUUID();
    expect((await take('deduct', first, 'xbox')).decision.prices).toEqual({
      currency: 'EUR',
      unit_price_cents: [49_999],
    });
    // Both replicas have seen the price; one of them does not see the change.
    await house.deduct(randomUUID(), [{ item_id: 'xbox', quantity: 1 }], {}, other.url);
    await setPrice('xbox', 12_345);
    for (const url of [other.url, house.url]) {
      const { body } = await house.deduct(randomUUID(), [{ item_id: 'xbox', quantity: 1 }], {}, url);
      expect(body.decision).toMatchObject({ outcome: 'applied', prices: { unit_price_cents: [12_345] } });
    }
    expect((await take('deduct', first, 'xbox')).decision.prices.unit_price_cents).toEqual([49_999]);
  } finally {
    await other.stop();
  }
});

it('an order that costs anything but the expected total takes nothing, and is told the price', async () => {
  const before = await itemOf('webcam');
  const order_id = randomUUID();
  const { decision } = await take('reserve', order_id, 'webcam', { expected_total_cents: 1 });
  expect(decision).toMatchObject({ outcome: 'refused', reason: 'PRICE_CHANGED', held: false });
  expect(decision.prices.unit_price_cents).toEqual([before.price_cents]);
  expect((await itemOf('webcam')).quantity).toBe(before.quantity);
  const right = await take('reserve', randomUUID(), 'webcam', { expected_total_cents: 2 * before.price_cents });
  expect(right.decision.outcome).toBe('applied');
});

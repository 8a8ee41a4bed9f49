import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, post } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { type InventoryHarness, startInventoryService } from './inventory-harness.ts';

let house: InventoryHarness;
beforeAll(async () => {
  house = await startInventoryService();
});
afterAll(() => house.stop());

const operator = { Authorization: `Bearer ${TOKEN}` };
const DRONE = { item_id: 'drone', item_name: 'Drone', quantity: 7, price_cents: 89_900 };
const add = (body: unknown, url = house.url) => post(`${url}/api/inventory`, body, operator);
const change = (item: string, body: unknown, headers: Record<string, string> = operator) =>
  ask(`${house.url}/api/inventory/${item}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const audits = (item: string) =>
  house.rows<{ who: string; action: string; what: unknown; why: string }>(
    "SELECT who, action, what, why FROM operator_audit WHERE what ->> 'item_id' = $1 ORDER BY id",
    [item],
  );

it('a new item is booked in the ledger, audited, and ordered at once by every replica', async () => {
  const other = await house.startReplica();
  try {
    const refused = await house.deduct(randomUUID(), [{ item_id: 'drone', quantity: 1 }], {}, other.url);
    expect(refused.body.decision.reason).toBe('ITEM_NOT_FOUND');
    const added = await add({ ...DRONE, by: 'ada', reason: 'new in the range' });
    expect([added.status, added.headers.get('location')]).toEqual([201, '/api/inventory/drone']);
    expect(added.body.item).toMatchObject({ ...DRONE, reserved_quantity: 0 });
    for (const url of [house.url, other.url]) {
      const { body } = await house.deduct(randomUUID(), [{ item_id: 'drone', quantity: 1 }], {}, url);
      expect(body.decision.outcome).toBe('applied');
    }
    expect([await house.quantity('drone'), await house.ledgerSum('drone')]).toEqual([5, 5]);
    const [seed] = await house.rows(
      "SELECT quantity_change FROM inventory_transactions WHERE item_id = 'drone' AND transaction_type = 'seed'",
    );
    expect(seed).toEqual({ quantity_change: 7 });
    expect(await audits('drone')).toEqual([
      { who: 'ada', action: 'add-item', what: { ...DRONE, currency: 'EUR' }, why: 'new in the range' },
    ]);
  } finally {
    await other.stop();
  }
});

it('the same request again gets the same bytes, whatever became of the item; another one is refused', async () => {
  const body = { ...DRONE, item_id: 'kite' };
  const answers = await Promise.all(Array.from({ length: 5 }, () => add(body)));
  await house.deduct(randomUUID(), [{ item_id: 'kite', quantity: 2 }]);
  await change('kite', { item_name: 'Big kite', price_cents: 1 });
  answers.push(await add({ ...body, reason: 'the answer was lost' }));
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(5);
  expect(await house.ledgerSum('kite')).toBe(5);

  for (const other of [{ quantity: 8 }, { item_name: 'Kite' }, { price_cents: 0 }]) {
    const refused = await add({ ...body, ...other });
    expect([refused.status, refused.body.code, refused.body.errors[0].field]).toEqual([409, 'ITEM_EXISTS', 'item_id']);
  }
  // An item of the first catalogue was added by no request.
  expect((await add({ ...DRONE, item_id: 'ps5' })).body.code).toBe('ITEM_EXISTS');
  expect((await audits('kite')).map(({ action }) => action)).toEqual(['add-item', 'change-item']);
});

it('an item is renamed and priced without a change of its stock, and the audit has both values', async () => {
  const before = await house.quantity('mouse');
  const renamed = await change('mouse', { item_name: 'Silent Mouse', by: 'ada', reason: 'new model' });
  expect(renamed.body.item).toMatchObject({ item_name: 'Silent Mouse', price_cents: 5999, quantity: before });
  expect((await change('mouse', { price_cents: 6499 })).body.item).toMatchObject({
    item_name: 'Silent Mouse',
    price_cents: 6499,
  });
  // Nothing differs: nothing is written.
  expect((await change('mouse', { price_cents: 6499, item_name: 'Silent Mouse' })).status).toBe(200);
  expect(await audits('mouse')).toEqual([
    {
      ...{ who: 'ada', action: 'change-item', why: 'new model' },
      what: { item_id: 'mouse', item_name: 'Silent Mouse', former_name: 'Gaming Mouse' },
    },
    {
      ...{ who: 'operator', action: 'change-item', why: 'not given' },
      what: { item_id: 'mouse', price_cents: 6499, former_price_cents: 5999 },
    },
  ]);
  expect([await house.quantity('mouse'), await house.ledgerSum('mouse')]).toEqual([before, before]);
});

it('orders go on while their item is renamed and priced', async () => {
  const orders = Array.from({ length: 40 }, () => house.deduct(randomUUID(), [{ item_id: 'monitor', quantity: 1 }]));
  const changes = Array.from({ length: 10 }, (_, n) => change('monitor', { price_cents: n }));
  const decided = (await Promise.all(orders)).map(({ body }) => body.decision.outcome);
  expect(decided).toEqual(Array(40).fill('applied'));
  expect((await Promise.all(changes)).map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect(await house.quantity('monitor')).toBe(160);
});

it.each([
  ['item_id', { item_id: 'Drone' }],
  ['item_id', { item_id: 'ledger' }],
  ['item_id', { item_id: 'forget' }],
  ['item_name', { item_name: ' Drone' }],
  ['item_name', { item_name: '' }],
  ['quantity', { quantity: -1 }],
  ['quantity', { quantity: 1.5 }],
  ['price_cents', { price_cents: 9.99 }],
  ['price_cents', { price_cents: undefined }],
  ['price', { price: 5 }],
])('a new item with a wrong %s is refused by the name of the field', async (field, wrong) => {
  const { status, body } = await add({ ...DRONE, item_id: 'plane', ...wrong });
  expect([status, body.code, body.errors[0].field]).toEqual([400, 'VALIDATION_FAILED', field]);
});

it('the catalogue is changed by the operator only, item by item, and for something', async () => {
  expect((await post(`${house.url}/api/inventory`, DRONE)).status).toBe(401);
  expect((await change('ps5', { price_cents: 1 }, {})).status).toBe(401);
  expect((await change('unicorn', { price_cents: 1 })).status).toBe(404);
  expect((await change('ps5', { by: 'ada' })).body.code).toBe('VALIDATION_FAILED');
  expect((await change('ps5', { quantity: 5 })).body.errors[0].field).toBe('quantity');
});

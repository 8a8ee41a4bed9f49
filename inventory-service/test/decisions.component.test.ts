import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, post } from '../../test/support/http.ts';
import { type InventoryHarness, startInventoryService } from './inventory-harness.ts';

let house: InventoryHarness;
beforeAll(async () => {
  house = await startInventoryService();
});
afterAll(() => house.stop());

const one = (item_id: string, quantity = 1) => [{ item_id, quantity }];

test('I4: deducting an order again returns the first decision and takes nothing', async () => {
  const order = randomUUID();
  const before = await house.quantity('monitor');
  const first = await house.deduct(order, one('monitor', 3));
  const again = await house.deduct(order, one('monitor', 3));
  expect(first.body.decision).toMatchObject({ order_id: order, outcome: 'applied', released_at: null });
  expect(again.body.decision).toEqual(first.body.decision);
  expect(await house.quantity('monitor')).toBe(before - 3);
});

test('an order of several items is all or nothing', async () => {
  const before = await house.quantity('ps5');
  const answer = await house.deduct(randomUUID(), [...one('ps5'), ...one('chair', 1000)]);
  expect(answer.body.decision).toMatchObject({ outcome: 'refused', reason: 'OUT_OF_STOCK' });
  const unknown = await house.deduct(randomUUID(), [...one('ps5'), ...one('unicorn')]);
  expect(unknown.body.decision).toMatchObject({ outcome: 'refused', reason: 'ITEM_NOT_FOUND' });
  expect(await house.quantity('ps5')).toBe(before);
});

test('a release gives back once what was taken', async () => {
  const order = randomUUID();
  const before = await house.quantity('switch');
  await house.deduct(order, one('switch', 5));
  const released = await house.release(order);
  expect(released.body.decision.released_at).not.toBeNull();
  await house.release(order);
  expect(await house.quantity('switch')).toBe(before);
  expect(await house.ledgerSum('switch')).toBe(before);
});

test('I6: the release of an order never seen voids it, so a late deduction takes nothing', async () => {
  const order = randomUUID();
  const before = await house.quantity('xbox');
  expect((await house.release(order)).body.decision.outcome).toBe('voided');
  expect((await house.deduct(order, one('xbox'))).body.decision).toMatchObject({
    outcome: 'voided',
    reason: 'ORDER_VOIDED',
  });
  expect(await house.quantity('xbox')).toBe(before);
});

test('I2: 1,000 orders at once for an item with 100 in stock: exactly 100 get it', async () => {
  await house.rows(`WITH item AS (INSERT INTO inventory (item_id, item_name, quantity, price_cents) VALUES ('hot', 'Hot', 100, 1))
    INSERT INTO inventory_transactions (type, item_id, quantity) VALUES ('seed', 'hot', 100)`);
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => house.deduct(randomUUID(), one('hot'))));
  const outcomes = answers.map((answer) => answer.body.decision.outcome);
  expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(100);
  expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(900);
  expect(await house.quantity('hot')).toBe(0);
  expect(await house.ledgerSum('hot')).toBe(0);
});

test('two replicas that get the same orders at once make one decision about each', async () => {
  const replica = await house.startReplica();
  const orders = Array.from({ length: 50 }, () => randomUUID());
  const before = await house.quantity('mouse');
  const answers = await Promise.all(
    orders.flatMap((order) => [house.deduct(order, one('mouse')), house.deduct(order, one('mouse'), {}, replica.url)]),
  );
  await replica.stop();
  for (let i = 0; i < answers.length; i += 2) expect(answers[i]?.body.decision).toEqual(answers[i + 1]?.body.decision);
  expect(await house.quantity('mouse')).toBe(before - 50);
});

test('expired work is refused before it touches the database', async () => {
  const order = randomUUID();
  const answer = await house.deduct(order, one('ps5'), { 'X-Request-Deadline-Ms': '0' });
  expect([answer.status, answer.body.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
  expect((await ask(`${house.url}/api/inventory/decisions/${order}`)).status).toBe(404);
  expect((await house.deduct(order, one('ps5'), { 'X-Request-Deadline-Ms': 'soon' })).body.errors[0].field).toBe(
    'x-request-deadline-ms',
  );
});

test('many commands in one request are decided and answered one by one', async () => {
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
  const common = { attempt: 1, request_id: 'r' };
  const lines = [
    { op: 'deduct', order_id: a, items: one('webcam'), deadline_ms: 5_000, ...common },
    { op: 'deduct', order_id: b, items: one('webcam'), deadline_ms: 0, ...common },
    { op: 'release', order_id: c, deadline_ms: 5_000, ...common },
  ];
  const answer = await ask(`${house.url}/api/inventory/commands`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  });
  const replies = new Map(
    answer.text
      .trim()
      .split('\n')
      .map((line) => [JSON.parse(line).index, JSON.parse(line)]),
  );
  expect(replies.get(0).decision).toMatchObject({ order_id: a, outcome: 'applied' });
  expect(replies.get(1).error).toMatchObject({ status: 504, code: 'DEADLINE_EXCEEDED' });
  expect(replies.get(2).decision).toMatchObject({ order_id: c, outcome: 'voided' });
});

test('a command list that is not one is refused by name', async () => {
  const url = `${house.url}/api/inventory/commands`;
  const send = (body: string, type = 'application/x-ndjson') => post(url, body, { 'Content-Type': type });
  expect((await send('{"op":"deduct"}', 'application/json')).body.code).toBe('UNSUPPORTED_MEDIA_TYPE');
  expect((await send('{"op":')).body.code).toBe('MALFORMED_JSON');
  expect((await send('{"op":"steal"}')).body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field: '0.op' }] });
});

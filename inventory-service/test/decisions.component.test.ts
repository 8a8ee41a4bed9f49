import { randomUUID } from 'node:crypto';
import { MAX_COMMANDS_PER_REQUEST, MAX_ITEMS_PER_ORDER, MAX_QUANTITY } from '@valerix/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PREVIOUS_ORDERS, PREVIOUS_REQUEST, previousReply } from '../../packages/contracts/test/previous-wire.ts';
import { ask, post } from '../../test/support/http.ts';
import { asCaller, TOKEN } from '../../test/support/service-process.ts';
import { type InventoryHarness, startInventoryService, travelling } from './inventory-harness.ts';

let house: InventoryHarness;
beforeAll(async () => {
  house = await startInventoryService();
});
afterAll(() => house.stop());

const asOrderService = asCaller('ORDER_TO_INVENTORY_CREDENTIAL');
const one = (item_id: string, quantity = 1) => [{ item_id, quantity }];

it('I4: deducting an order again returns the first decision and takes nothing', async () => {
  const order = randomUUID();
  const before = await house.quantity('monitor');
  const first = await house.deduct(order, one('monitor', 3));
  const again = await house.deduct(order, one('monitor', 3));
  expect(first.body.decision).toMatchObject({ order_id: order, outcome: 'applied', released_at: null });
  expect(again.body.decision).toEqual(first.body.decision);
  expect(await house.quantity('monitor')).toBe(before - 3);
});

it('an order of several items is all or nothing', async () => {
  const before = await house.quantity('ps5');
  const answer = await house.deduct(randomUUID(), [...one('ps5'), ...one('chair', 1000)]);
  expect(answer.body.decision).toMatchObject({ outcome: 'refused', reason: 'OUT_OF_STOCK' });
  const unknown = await house.deduct(randomUUID(), [...one('ps5'), ...one('unicorn')]);
  expect(unknown.body.decision).toMatchObject({ outcome: 'refused', reason: 'ITEM_NOT_FOUND' });
  expect(await house.quantity('ps5')).toBe(before);
});

it('a release gives back once what was taken, and says the same of it again', async () => {
  const order = randomUUID();
  const before = await house.quantity('switch');
  await house.deduct(order, one('switch', 5));
  const released = await house.release(order);
  expect(released.body.decision.released_at).not.toBeNull();
  const again = await house.release(order);
  expect(again.body.decision).toEqual(released.body.decision);
  expect(await house.quantity('switch')).toBe(before);
  expect(await house.ledgerSum('switch')).toBe(before);
});

it('I6: the release of an order never seen voids it, so a late deduction takes nothing', async () => {
  const order = randomUUID();
  const before = await house.quantity('xbox');
  expect((await house.release(order)).body.decision.outcome).toBe('voided');
  expect((await house.deduct(order, one('xbox'))).body.decision).toMatchObject({
    outcome: 'voided',
    reason: 'ORDER_VOIDED',
  });
  expect(await house.quantity('xbox')).toBe(before);
});

it('I2: 1,000 orders at once for an item with 100 in stock: exactly 100 get it', async () => {
  await house.rows(`WITH item AS (INSERT INTO inventory (item_id, item_name, quantity, price_cents) VALUES ('hot', 'Hot', 100, 1))
    INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change) VALUES ('seed', 'hot', 100)`);
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => house.deduct(randomUUID(), one('hot'))));
  const outcomes = answers.map((answer) => answer.body.decision.outcome);
  expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(100);
  expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(900);
  expect(await house.quantity('hot')).toBe(0);
  expect(await house.ledgerSum('hot')).toBe(0);
});

it('two replicas that get the same orders at once make one decision about each', async () => {
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

it('what one replica decided, every reader of another sees at once', async () => {
  const replica = await house.startReplica();
  try {
    const seen = async (path: string) => (await ask(`${replica.url}/api/inventory${path}`)).body;
    const { quantity, taken_quantity } = (await seen('/monitor')).item;
    const id = randomUUID();
    for (const [taken, released] of [
      [2, null],
      [0, expect.any(String)],
    ] as const) {
      await (taken ? house.deduct(id, [{ item_id: 'monitor', quantity: 2 }]) : house.release(id));
      const now = { quantity: quantity - taken, taken_quantity: taken_quantity + taken };
      expect((await seen('/monitor')).item).toMatchObject(now);
      expect((await seen('')).items).toContainEqual(expect.objectContaining({ item_id: 'monitor', ...now }));
      expect((await seen(`/decisions/${id}`)).decision).toMatchObject({ outcome: 'applied', released_at: released });
      expect((await seen(`/ledger?order_id=${id}`)).items).toHaveLength(taken ? 1 : 2);
    }
  } finally {
    await replica.stop();
  }
});

it('expired work is refused before it touches the database', async () => {
  const order = randomUUID();
  const answer = await house.deduct(order, one('ps5'), { 'X-Request-Deadline-Ms': '0' });
  expect([answer.status, answer.body.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
  expect((await ask(`${house.url}/api/decisions/${order}`)).status).toBe(404);
  for (const deadline of ['soon', '', '-1', '0x10']) {
    const wrong = await house.deduct(order, one('ps5'), { 'X-Request-Deadline-Ms': deadline });
    expect(wrong.body.errors[0].field).toBe('x-request-deadline-ms');
  }
});

it('a line that no command needs concerns that line alone', async () => {
  const deep = '[1,'.repeat(66_000);
  const replies = await house.sendLines([
    deep,
    JSON.stringify({ ...travelling, op: 'deduct', order_id: randomUUID(), items: one('switch') }),
  ]);
  expect(replies.get(0).error.code).toBe('MALFORMED_JSON');
  expect(replies.get(1).decision.outcome).toBe('applied');
});

it('I4: an order id in capitals is the same order: deducted once, released once', async () => {
  const order = randomUUID();
  const before = await house.quantity('headset');
  const first = await house.deduct(order, one('headset', 2));
  const again = await house.deduct(order.toUpperCase(), one('headset', 2));
  expect(again.body).toEqual(first.body);
  expect((await house.release(order.toUpperCase())).body.decision).toMatchObject({
    order_id: order,
    outcome: 'applied',
  });
  expect(await house.quantity('headset')).toBe(before);
});

it('an item named twice in one order is refused by name', async () => {
  const answer = await house.deduct(randomUUID(), [...one('ps5'), ...one('ps5')]);
  expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field: 'items.1.item_id' }] });
});

it('many commands in one request are decided and answered one by one', async () => {
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
  const replies = await house.commands([
    { op: 'deduct', order_id: a, items: one('webcam') },
    { op: 'deduct', order_id: b, items: one('webcam'), deadline_ms: 0 },
    { op: 'release', order_id: c },
  ]);
  expect(replies.get(0).decision).toMatchObject({ order_id: a, outcome: 'applied' });
  expect(replies.get(1).error).toMatchObject({ status: 504, code: 'DEADLINE_EXCEEDED' });
  expect(replies.get(2).decision).toMatchObject({ order_id: c, outcome: 'voided' });
});

it('a command the database refuses fails alone: the others of its request are answered', async () => {
  await house.rows(
    `INSERT INTO inventory (item_id, item_name, quantity, reserved_quantity, price_cents) VALUES ('full', 'Full', $1, 0, 1)`,
    [2 ** 31 - 1],
  );
  const [taken, other] = [randomUUID(), randomUUID()];
  await house.deduct(taken, one('full'));
  // As no restock would leave it: there is no room for what is given back.
  await house.rows(`UPDATE inventory SET quantity = $1 WHERE item_id = 'full'`, [2 ** 31 - 1]);
  const replies = await house.commands([
    { op: 'release', order_id: taken },
    { op: 'deduct', order_id: other, items: one('webcam') },
  ]);
  expect(replies.get(0)).toMatchObject({ error: { status: 500, code: 'INTERNAL_ERROR' } });
  expect(replies.get(1)).toMatchObject({ decision: { order_id: other, outcome: 'applied' } });
});

it('a request of as many of the largest orders as may travel together is taken', async () => {
  const items = Array.from({ length: MAX_ITEMS_PER_ORDER }, (_, n) => ({
    item_id: `${'x'.repeat(62)}${10 + n}`,
    quantity: MAX_QUANTITY,
  }));
  const largest = {
    op: 'deduct',
    items,
    request_id: 'r'.repeat(128),
    traceparent: 't'.repeat(64),
    deadline_ms: 3_600_000,
    attempt: 1_000,
  };
  const replies = await house.commands(
    Array.from({ length: MAX_COMMANDS_PER_REQUEST }, () => ({ ...largest, order_id: randomUUID() })),
  );
  expect([...replies.values()].filter(({ decision }) => decision?.reason === 'ITEM_NOT_FOUND')).toHaveLength(
    MAX_COMMANDS_PER_REQUEST,
  );
});

it('a command is answered under its number: empty lines do not count', async () => {
  const lines = [randomUUID(), randomUUID()].map((order_id) =>
    JSON.stringify({ op: 'release', order_id, attempt: 1, request_id: 'r', deadline_ms: 5_000 }),
  );
  const url = `${house.url}/api/inventory/commands`;
  const { text } = await post(url, `\n${lines.join('\n\n')}\n`, {
    ...asOrderService,
    'Content-Type': 'application/x-ndjson',
  });
  const replies = text.trimEnd().split('\n');
  expect(replies.map((line) => JSON.parse(line).index).sort()).toEqual([0, 1]);
});

it('a command without the credential of the order service is refused, and the refusal is logged', async () => {
  const order = randomUUID();
  const release = async (headers?: Record<string, string>) =>
    (await post(`${house.url}/api/inventory/release`, { order_id: order }, headers)).status;
  expect([await release(), await release({ Authorization: `Bearer ${TOKEN}` })]).toEqual([401, 403]);
  const refusals = house.lines().filter((line) => line.includes('"msg":"access refused"'));
  expect(refusals).toHaveLength(2);
  expect(await house.rows('SELECT FROM inventory_decisions WHERE order_id = $1', [order])).toEqual([]);
});

it('a command list that is not one is refused by name', async () => {
  const url = `${house.url}/api/inventory/commands`;
  const send = (body: string, type = 'application/x-ndjson') =>
    post(url, body, { ...asOrderService, 'Content-Type': type });
  expect((await send('{"op":"deduct"}', 'application/json')).body.code).toBe('UNSUPPORTED_MEDIA_TYPE');
  // Nor is it a body of anything else: other paths take no such type, and no body of its size.
  const elsewhere = await ask(`${house.url}/api/inventory/deduct`, {
    method: 'POST',
    headers: { ...asOrderService, 'Content-Type': 'application/x-ndjson' },
    body: '{}',
  });
  expect([elsewhere.status, elsewhere.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  expect((await send('\n')).body.code).toBe('VALIDATION_FAILED');
});

it('a line that cannot be read fails alone, and a field that is not known is ignored', async () => {
  const [tooMany, newer, good] = [randomUUID(), randomUUID(), randomUUID()];
  const replies = await house.sendLines([
    '{"op":',
    '{"op":"steal"}',
    JSON.stringify({ ...travelling, op: 'deduct', order_id: tooMany, items: [{ item_id: 'webcam', quantity: 1001 }] }),
    JSON.stringify({
      ...travelling,
      op: 'deduct',
      order_id: newer,
      items: [{ item_id: 'webcam', quantity: 1, gift: true }],
      priority: 'high',
    }),
    JSON.stringify({ ...travelling, op: 'deduct', order_id: good, items: one('webcam') }),
  ]);
  expect(replies.get(0)).toMatchObject({ error: { status: 400, code: 'MALFORMED_JSON' } });
  expect(replies.get(1)).toMatchObject({ error: { status: 400, code: 'VALIDATION_FAILED' } });
  expect(replies.get(2)).toMatchObject({ order_id: tooMany, error: { status: 400, code: 'VALIDATION_FAILED' } });
  expect(replies.get(3)).toMatchObject({ decision: { order_id: newer, outcome: 'applied' } });
  expect(replies.get(4)).toMatchObject({ decision: { order_id: good, outcome: 'applied' } });
});

it('the previous order-service is understood, and understands the replies', async () => {
  const replies = await house.sendLines(PREVIOUS_REQUEST.split('\n'));
  const [deducted, released, late] = PREVIOUS_ORDERS;
  for (const reply of replies.values()) previousReply.parse(reply);
  expect(replies.get(0).decision).toMatchObject({ order_id: deducted, outcome: 'applied' });
  expect(replies.get(1).decision).toMatchObject({ order_id: released, outcome: 'voided' });
  expect(replies.get(2)).toMatchObject({ order_id: late, error: { code: 'DEADLINE_EXCEEDED' } });
});

import { randomUUID } from 'node:crypto';
import { HEADER } from '@valerix/contracts';
import { createFaultRegistry } from '@valerix/service-kit/chaos/fault-registry';
import { chaosKeys } from '@valerix/service-kit/chaos/keys';
import { newFault } from '@valerix/service-kit/chaos/new-fault';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type Answer, ask, post } from '../../test/support/http.ts';
import { bearer, type Issuer, startIssuer } from '../../test/support/issuer.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

type Headers = Record<string, string>;
let issuer: Issuer;
let shop: OrderHarness;
let closed: string;
let ada: Headers;
let bob: Headers;
beforeAll(async () => {
  issuer = await startIssuer();
  shop = await startOrderService({ IDENTITY_URL: issuer.url });
  closed = (await shop.startReplica({ ACCESS: 'closed' })).url;
  ada = bearer(await issuer.token({ sub: 'ada' }));
  bob = bearer(await issuer.token({ sub: 'bob' }));
});
afterAll(async () => {
  await shop.stop();
  await issuer.leave();
});

const operator = bearer(TOKEN);
const place = (headers: Headers = {}, key: string = randomUUID(), quantity = 1): Promise<Answer> =>
  post(`${shop.url}/api/orders`, { item_id: 'ps5', quantity }, { [HEADER.idempotencyKey]: key, ...headers });
const idOf = (answer: Answer): string => answer.body.order.order_id;
const read = (id: string, headers: Headers = {}, url = closed) => ask(`${url}/api/orders/${id}`, { headers });
const list = async (query: string, headers: Headers = {}, url = closed) =>
  (await ask(`${url}/api/orders?${query}`, { headers })).body.items as Record<string, unknown>[];

it('I3: one key of two customers and a guest is three orders, and each gets its own answer again', async () => {
  const key = randomUUID();
  const first = await Promise.all([place(ada, key), place(bob, key, 2), place({}, key, 3)]);
  expect(first.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect(first.map(({ body }) => [body.order.idempotency_key, body.order.quantity])).toEqual([
    [key, 1],
    [key, 2],
    [key, 3],
  ]);
  for (const redis of ['with its answers', 'wiped']) {
    if (redis === 'wiped') await shop.redis.flushdb();
    const again = await Promise.all([place(ada, key), place(bob, key, 2), place({}, key, 3)]);
    expect(again.map(({ text, headers }) => [text, headers.get(HEADER.idempotentReplayed)])).toEqual(
      first.map(({ text }) => [text, 'true']),
    );
    expect((await place(bob, key, 1)).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  }
});

it("a guest's order has a token, the same with every replay, which opens this order alone", async () => {
  const key = randomUUID();
  const placed = await place({}, key);
  const token = placed.headers.get(HEADER.orderToken) as string;
  expect((await place({}, key)).headers.get(HEADER.orderToken)).toBe(token);
  const other = await place();
  const withToken = { [HEADER.orderToken]: token };
  expect((await read(idOf(placed), withToken)).body.order.idempotency_key).toBe(key);
  expect((await read(idOf(placed), { ...ada, ...withToken })).status).toBe(200);
  const wrongOnes: Headers[] = [
    {},
    { [HEADER.orderToken]: `${token}x` },
    { [HEADER.orderToken]: `${token}, ${token}` },
  ];
  for (const wrong of wrongOnes) {
    expect((await read(idOf(placed), wrong)).status).toBe(401);
  }
  expect((await read(idOf(other), withToken)).status).toBe(401);
  expect((await place(ada)).headers.has(HEADER.orderToken)).toBe(false);
  const cancelled = await ask(`${closed}/api/orders/${idOf(placed)}/cancel`, { method: 'POST', headers: withToken });
  expect(cancelled.body.order.status).toBe('cancelled');
});

it('the order of someone else is answered as one that does not exist, and stays', async () => {
  const id = idOf(await place(ada));
  const missing = await read(randomUUID(), bob);
  const answer = await read(id, bob);
  expect([answer.status, answer.body.code]).toEqual([missing.status, missing.body.code]);
  for (const path of ['events', 'cancel']) {
    const init = { method: path === 'cancel' ? 'POST' : 'GET', headers: bob };
    expect((await ask(`${closed}/api/orders/${id}/${path}`, init)).body.code).toBe('NOT_FOUND');
  }
  expect((await read(id, ada)).body.order.status).toBe('confirmed');
});

it('a list shows customers their own orders, and operators all of them', async () => {
  const carol = bearer(await issuer.token({ sub: 'carol' }));
  const mine = [idOf(await place(carol)), idOf(await place(carol))];
  await place(ada);
  const ids = (orders: Record<string, unknown>[]) => orders.map(({ order_id }) => order_id);
  const newestFirst = mine.toReversed();
  expect(ids(await list('limit=100', carol))).toEqual(newestFirst);
  expect(ids(await list('mine=true', carol, shop.url))).toEqual(newestFirst);
  const page = await ask(`${closed}/api/orders?limit=1`, { headers: carol });
  expect(ids(await list(`limit=1&cursor=${page.body.next_cursor}`, carol))).toEqual([mine[0]]);
  expect((await list('limit=200', operator)).length).toBeGreaterThan(3);
  expect((await ask(`${closed}/api/orders?mine=true`)).status).toBe(401);
});

it('a key is seen by the owner and the operator alone, and looks up the order of whoever sends it', async () => {
  const key = randomUUID();
  const [adas, guests] = [idOf(await place(ada, key)), idOf(await place({}, key))];
  const keyOf = async (headers: Headers) => (await read(adas, headers, shop.url)).body.order.idempotency_key;
  expect([await keyOf(ada), await keyOf(operator), await keyOf(bob), await keyOf({})]).toEqual([key, key, null, null]);
  expect((await list('limit=200', {}, shop.url)).every(({ idempotency_key }) => idempotency_key === null)).toBe(true);
  const found = async (headers: Headers) =>
    (await list(`idempotency_key=${key}`, headers)).map((order) => [order.order_id, order.idempotency_key]);
  expect(await found(ada)).toEqual([[adas, key]]);
  expect(await found({})).toEqual([[guests, key]]);
  expect(await found(bob)).toEqual([]);
});

it('the event stream shows customers the events of their own orders, and operators those of all', async () => {
  const streams = await Promise.all([listen(ada), listen(bob), listen(operator)]);
  const [adas, bobs, guests] = [idOf(await place(ada)), idOf(await place(bob)), idOf(await place())];
  const seen = () => streams.map(({ text }) => [adas, bobs, guests].map((id) => text().includes(id)));
  await eventually(() =>
    expect(seen()).toEqual([
      [true, false, false],
      [false, true, false],
      [true, true, true],
    ]),
  );
  for (const { stop } of streams) stop();
});

it('the mark of a fault stands on the timeline of the order that it hit, and on no other with the same key', async () => {
  const registry = createFaultRegistry(shop.redis, chaosKeys(TOKEN));
  const what = { service: 'order-service', point: 'inbound', type: 'latency', match: {}, percentage: 100 } as const;
  const fault = newFault({ ...what, params: { latency_ms: 1 }, created_by: 'test', reason: 'test' }, 60);
  await registry.change({ add: [{ fault, ttlMs: 60_000 }] });
  const inForce = async () => (await ask(`${shop.url}/metrics`)).text.includes('chaos_enabled{type="latency"} 1');
  await eventually(async () => expect(await inForce()).toBe(true));
  const key = randomUUID();
  const orders = [idOf(await place(ada, key)), idOf(await place({}, key))];
  await registry.change({ remove: 'all' });
  const marks = async (id: string) => (await shop.eventTypes(id)).filter((type) => type === 'chaos.fault_fired').length;
  await eventually(async () => expect(await Promise.all(orders.map(marks))).toEqual([1, 1]));
  await eventually(async () => expect(await inForce()).toBe(false));
});

it('an order that a replica of an older version inserts is the operator’s', async () => {
  const id = randomUUID();
  await shop.rows(
    `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, correlation_id, created_at, updated_at)
     VALUES ($1::uuid, $1::text, '', 'confirmed', '[{"item_id":"ps5","quantity":1}]', '', now(), now())`,
    [id],
  );
  expect([(await read(id, operator)).status, (await read(id, ada)).status]).toEqual([200, 404]);
});

it('a replica that starts while the issuer is away knows who is signed in', async () => {
  const id = idOf(await place(ada));
  const fresh = bearer(await issuer.token({ sub: 'ada' }));
  await eventually(async () => expect(await shop.rows('SELECT FROM issuer_keys')).toHaveLength(1));
  await issuer.leave();
  try {
    const { url } = await shop.startReplica({ ACCESS: 'closed' });
    expect((await read(id, fresh, url)).status).toBe(200);
    await shop.rows("UPDATE issuer_keys SET read_at = now() - interval '61 min'");
    const late = await shop.startReplica({ ACCESS: 'closed' });
    expect((await read(id, fresh, late.url)).body.code).toBe('IDENTITY_UNAVAILABLE');
  } finally {
    await issuer.comeBack();
  }
});

it('a replica that started while the issuer was away knows its new keys as soon as it is back', async () => {
  const id = idOf(await place(ada));
  await eventually(async () => expect(await shop.rows('SELECT FROM issuer_keys')).toHaveLength(1));
  await issuer.leave();
  const { url } = await shop.startReplica({ ACCESS: 'closed' });
  await issuer.addKey('newer');
  const newer = bearer(await issuer.token({ sub: 'ada' }, { kid: 'newer' }));
  try {
    expect((await read(id, newer, url)).body.code).toBe('IDENTITY_UNAVAILABLE');
  } finally {
    await issuer.comeBack();
  }
  await eventually(async () => expect((await read(id, newer, url)).status).toBe(200));
});

/** Follows the stream of the closed replica. */
async function listen(headers: Headers) {
  const abort = new AbortController();
  const response = await fetch(`${closed}/api/orders/stream`, { headers, signal: abort.signal });
  expect(response.status).toBe(200);
  let text = '';
  (async () => {
    for await (const chunk of (response.body as ReadableStream).pipeThrough(new TextDecoderStream())) text += chunk;
  })().catch(() => {});
  return { text: () => text, stop: () => abort.abort() };
}

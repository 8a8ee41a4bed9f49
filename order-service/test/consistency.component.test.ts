import { randomUUID } from 'node:crypto';
import type { OrderEvent } from '@valerix/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder, post } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

// docs/consistency.md, on two replicas: one is written to, the other is read.
let shop: OrderHarness;
let other: string;
beforeAll(async () => {
  shop = await startOrderService();
  other = (await shop.startReplica()).url;
});
afterAll(() => shop.stop());

const ps5 = { item_id: 'ps5', quantity: 1 };
const idsOn = async (query: string): Promise<string[]> =>
  (await ask(`${other}/api/orders?${query}`)).body.items.map((order: { order_id: string }) => order.order_id);
const typesOf = async (id: string): Promise<string[]> =>
  (await ask(`${other}/api/orders/${id}/events`)).body.items.map(({ type }: OrderEvent) => type);

it('what one replica answered, every reader of another sees at once: alone, by its key, on pages and in the timeline', async () => {
  for (let n = 0; n < 20; n++) {
    const key = randomUUID();
    const { order_id: id } = (await placeOrder(shop.url, ps5, key)).body.order;
    expect((await ask(`${other}/api/orders/${id}`)).body.order.status).toBe('confirmed');
    expect(await idsOn(`idempotency_key=${key}`)).toEqual([id]);
    expect((await idsOn('limit=1'))[0]).toBe(id);
    expect((await idsOn('limit=1&status=confirmed'))[0]).toBe(id);
    expect(await typesOf(id)).toEqual(['order.created', 'order.confirmed']);
  }
});

it('after a cancellation was answered, every reader of another replica sees it', async () => {
  const { order_id: id } = (await placeOrder(shop.url, ps5)).body.order;
  expect((await post(`${shop.url}/api/orders/${id}/cancel`, {})).status).toBe(200);
  expect((await ask(`${other}/api/orders/${id}`)).body.order.status).toBe('cancelled');
  expect(await idsOn('status=cancelled')).toContain(id);
  expect(await idsOn('status=confirmed')).not.toContain(id);
  expect((await typesOf(id)).at(-1)).toBe('order.cancelled');
});

it('a replay is the first answer on every replica, with and without Redis, although the order has moved on', async () => {
  const key = randomUUID();
  const first = await placeOrder(shop.url, ps5, key);
  await post(`${shop.url}/api/orders/${first.body.order.order_id}/cancel`, {});
  for (const forget of [async () => {}, () => shop.redis.flushdb()]) {
    await forget();
    const again = await placeOrder(other, ps5, key);
    expect([again.status, again.text]).toEqual([201, first.text]);
  }
});

it('a walk over pages while orders are placed has every earlier order once', async () => {
  const earlier: string[] = (await shop.rows<{ order_id: string }>('SELECT order_id FROM orders')).map(
    (row) => row.order_id,
  );
  const seen: string[] = [];
  for (let query = 'limit=3', url = shop.url; ; url = url === shop.url ? other : shop.url) {
    const { items, next_cursor } = (await ask(`${url}/api/orders?${query}`)).body;
    seen.push(...items.map((order: { order_id: string }) => order.order_id));
    if (!next_cursor) break;
    query = `limit=3&cursor=${next_cursor}`;
    await placeOrder(shop.url, ps5);
  }
  expect(seen.filter((id) => earlier.includes(id)).sort()).toEqual(earlier.sort());
});

it('the stream of one replica has the transitions of another, each once and in the order of commits', async () => {
  const stream = await fetch(`${other}/api/orders/stream`);
  const chunks = (stream.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  const placed = await Promise.all(Array.from({ length: 20 }, () => placeOrder(shop.url, ps5)));
  const ids = placed.map(({ body }) => body.order.order_id as string);
  const told = () =>
    [...text.matchAll(/id: (\d+)\.(\d+)\ndata: (.*)\n\n/g)].map(([, tx, seq, data]) => ({
      position: [Number(tx), Number(seq)] as const,
      event: JSON.parse(data as string) as OrderEvent,
    }));
  let text = '';
  while (told().filter(({ event }) => ids.includes(event.order_id)).length < 2 * ids.length) {
    text += decoder.decode((await chunks.read()).value, { stream: true });
  }
  await chunks.cancel();
  const positions = told().map(({ position }) => position);
  expect(positions).toEqual(positions.toSorted(([a, b], [c, d]) => a - c || b - d));
  expect(new Set(positions.map(String)).size).toBe(positions.length);
  for (const id of ids) {
    const own = told().filter(({ event }) => event.order_id === id);
    expect(own.map(({ event }) => event.type)).toEqual(['order.created', 'order.confirmed']);
  }
});

it('the queue is counted anew after a second on every replica, and at once where a redrive was asked for', async () => {
  const depth = async (url: string) => (await ask(`${url}/api/queue`)).body.queue.depth;
  // On a busy machine an order of a test before this may have been queued, for a moment.
  await eventually(async () => expect([await depth(shop.url), await depth(other)]).toEqual([0, 0]));
  shop.inventory.become('fail');
  const queued = (await placeOrder(shop.url, ps5)).body.order.order_id;
  for (const url of [shop.url, other]) await eventually(async () => expect(await depth(url)).toBe(1));
  const dead = randomUUID();
  await shop.rows(
    `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, attempts, dead_lettered_at, correlation_id, created_at, updated_at)
     VALUES ($1::uuid, $1::text, '', 'queued', $2, 20, now(), '', now(), now())`,
    [dead, JSON.stringify([ps5])],
  );
  const redriven = await post(`${other}/api/queue/${dead}/redrive`, {}, { Authorization: `Bearer ${TOKEN}` });
  expect([redriven.status, await depth(other)]).toEqual([202, 2]);
  shop.inventory.become('apply');
  for (const id of [queued, dead]) {
    await eventually(async () => expect((await ask(`${other}/api/orders/${id}`)).body.order.status).toBe('confirmed'));
  }
});

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder, post } from '../../test/support/http.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

const ps5 = { item_id: 'ps5', quantity: 1 };
let shop: OrderHarness;

beforeAll(async () => {
  shop = await startOrderService();
});
afterAll(() => shop.stop());

/** A request whose headers are all there twice, as a gateway may send them. @returns the body of the answer */
function sendTwice(headers: Record<string, string>): Promise<string> {
  const twice = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value, value]]));
  return new Promise((resolve, reject) => {
    request(`${shop.url}/api/orders`, { method: 'POST', headers: twice }, async (answer) => resolve(await text(answer)))
      .on('error', reject)
      .end(JSON.stringify(ps5));
  });
}

describe('bad input gets an answer that names the field', () => {
  const key = () => ({ 'Idempotency-Key': randomUUID() });
  const orders = () => `${shop.url}/api/orders`;

  it.each([
    [{}, 'item_id'],
    [{ item_id: 'ps5' }, 'quantity'],
    [{ item_id: 'PS5!', quantity: 1 }, 'item_id'],
    [{ item_id: 'ps5', quantity: 0 }, 'quantity'],
    [{ item_id: 'ps5', quantity: 1001 }, 'quantity'],
    [{ item_id: 'ps5', quantity: 1.5 }, 'quantity'],
    [{ item_id: 'ps5', quantity: '1' }, 'quantity'],
    [{ item_id: 'ps5', quantity: 1, colour: 'red' }, 'colour'],
    [{ items: [] }, 'items'],
    [{ items: [ps5, ps5] }, 'items.1.item_id'],
    [{ items: [ps5, { item_id: 'xbox', quantity: -1 }] }, 'items.1.quantity'],
    [{ items: Array.from({ length: 51 }, (_, i) => ({ item_id: `item-${i}`, quantity: 1 })) }, 'items'],
    [[], 'body'],
    [null, 'body'],
  ])('%j → %s', async (body, field) => {
    const answer = await post(orders(), body, key());
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toContain(field);
  });

  it('what is missing or of the wrong type is said in the words of the caller', async () => {
    const messages = async (body: unknown) =>
      (await post(orders(), body, key())).body.errors.map(({ message }: { message: string }) => message);
    expect(await messages({})).toEqual(['is required', 'is required']);
    expect(await messages({ item_id: 7, quantity: '1' })).toEqual(['must be text', 'must be a number']);
    expect(await messages({ item_id: 'ps5', quantity: 1.5 })).toEqual(['must be a whole number']);
    expect(await messages('null')).toEqual(['must be an object']);
    expect((await ask(`${orders()}?limit=abc`)).body.errors[0].message).toBe('must be a number');
  });

  it('a validation error is not remembered under its key', async () => {
    const headers = key();
    expect((await post(orders(), { item_id: 'ps5', quantity: 0 }, headers)).status).toBe(400);
    expect((await post(orders(), ps5, headers)).status).toBe(201);
  });

  it('a missing key, a body that is not JSON, of another type, or too large', async () => {
    expect((await post(orders(), ps5)).body.errors[0].field).toBe('Idempotency-Key');
    expect(await sendTwice({ ...key(), 'Content-Type': 'application/json' })).toContain('was sent more than once');
    expect((await post(orders(), '{"item_id":', key())).body.code).toBe('MALFORMED_JSON');
    expect((await post(orders(), 'item_id=ps5', { ...key(), 'Content-Type': 'text/plain' })).body.code).toBe(
      'UNSUPPORTED_MEDIA_TYPE',
    );
    expect((await post(orders(), { item_id: 'x'.repeat(70_000) }, key())).body.code).toBe('BODY_TOO_LARGE');
  });

  it('an unknown path is 404 and a wrong method 405 with Allow, both as problem documents', async () => {
    expect((await ask(`${shop.url}/api/nothing`)).body.code).toBe('NOT_FOUND');
    const wrong = await ask(orders(), { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, POST']);
  });
});

describe('reading orders', () => {
  it('pages go through all orders, newest first, each once', async () => {
    for (let i = 0; i < 7; i++) await placeOrder(shop.url, ps5);
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await ask(`${shop.url}/api/orders?limit=3${cursor && `&cursor=${cursor}`}`);
      expect(body.items.length).toBeLessThanOrEqual(3);
      seen.push(...body.items.map((order: { order_id: string }) => order.order_id));
      cursor = body.next_cursor ?? '';
    } while (cursor);
    const rows = await shop.rows<{ order_id: string }>('SELECT order_id FROM orders ORDER BY order_id DESC');
    expect(seen).toEqual(rows.map((row) => row.order_id));
  });

  it('by status and by key; a wrong filter or cursor is named', async () => {
    const key = randomUUID();
    const { body } = await placeOrder(shop.url, ps5, key);
    const byKey = await ask(`${shop.url}/api/orders?idempotency_key=${key}`);
    expect(byKey.body.items.map((order: { order_id: string }) => order.order_id)).toEqual([body.order.order_id]);
    expect((await ask(`${shop.url}/api/orders?status=cancelled`)).body.items).toEqual([]);
    for (const [query, field] of [
      ['status=lost', 'status'],
      ['limit=0', 'limit'],
      ['idempotency_key=%00', 'idempotency_key'],
      ['cursor=abc', 'cursor'],
      ['page=2', 'page'],
      // It would list no order: a dead letter does not wait.
      ['waiting=true&dead_lettered=true', 'waiting'],
    ]) {
      const answer = await ask(`${shop.url}/api/orders?${query}`);
      expect([answer.status, answer.body.errors[0].field]).toEqual([400, field]);
    }
  });

  it('the stream tells of every transition, and continues after Last-Event-ID', async () => {
    const first = await listen({});
    await first.readUntil(/retry:/);
    const { order_id: id } = (await placeOrder(shop.url, ps5)).body.order;
    // Orders placed just before the stream opened may still be told of on it: everything is asked of this one.
    const told = (type: string) => new RegExp(`id: (\\S+)\ndata: [^\n]*"type":"order\\.${type}","order_id":"${id}"`);
    const text = await first.readUntil(told('confirmed'));
    first.close();

    const createdId = told('created').exec(text)?.[1] as string;
    const second = await listen({ 'Last-Event-ID': createdId });
    expect(await second.readUntil(told('confirmed'))).not.toContain('order.created');
    second.close();
  });

  it('a Last-Event-ID that is no position is as none, and keeps no event from others', async () => {
    const { order_id: id } = (await placeOrder(shop.url, ps5)).body.order;
    const [created] = await shop.rows<{ position: string }>(
      `SELECT tx || '.' || seq AS position FROM order_events WHERE order_id = $1 ORDER BY seq LIMIT 1`,
      [id],
    );
    const listeners = [await listen({})];
    for (const wrong of ['abc', '99999999999999999999.0', '1.9999999999999999999', '09.0']) {
      listeners.push(await listen({ 'Last-Event-ID': wrong }));
    }
    listeners.push(await listen({ 'Last-Event-ID': created?.position as string }));
    const next = (await placeOrder(shop.url, ps5)).body.order;
    for (const listener of listeners) {
      await listener.readUntil(new RegExp(`"type":"order\\.confirmed","order_id":"${next.order_id}"`));
      listener.close();
    }
  });
});

async function listen(headers: Record<string, string>) {
  const abort = new AbortController();
  const response = await fetch(`${shop.url}/api/orders/stream`, { headers, signal: abort.signal });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    async readUntil(part: RegExp): Promise<string> {
      while (!part.test(text)) {
        const chunk = await reader?.read();
        if (!chunk || chunk.done) throw new Error(`the stream ended without ${part}:\n${text}`);
        text += chunk.value;
      }
      return text;
    },
    close: () => abort.abort(),
  };
}

describe('operating it', () => {
  it('a request id is taken from the caller, or made, and is in the log line of the request', async () => {
    const answer = await ask(`${shop.url}/api/orders`, { headers: { 'X-Request-Id': 'caller-7' } });
    expect(answer.headers.get('x-request-id')).toBe('caller-7');
    const line = await eventually(() => {
      const found = shop.service.lines.find((text) => text.includes('"request_id":"caller-7"'));
      expect(found).toBeDefined();
      return JSON.parse(found as string);
    });
    expect(line).toMatchObject({ method: 'GET', path: '/api/orders', status: 200, level: 'info' });
    const evil = await ask(`${shop.url}/api/orders`, { headers: { 'X-Request-Id': 'two words' } });
    expect(evil.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('health tells what works; probes and scrapes are not counted as traffic', async () => {
    for (const path of ['/livez', '/readyz', '/health', '/health/deep']) {
      expect([path, (await ask(shop.url + path)).body.status]).toEqual([path, 'up']);
    }
    await ask(`${shop.url}/no/such/path`);
    const { text } = await ask(`${shop.url}/metrics`);
    expect(text).not.toMatch(/route="\/(livez|readyz|health|metrics)/);
    expect(text).toMatch(/http_request_duration_seconds_count\{method="OTHER",route="unmatched",status_code="404"\}/);
    expect(text).toMatch(/circuit_breaker_state\{service="inventory-service"\} 0/);
  });

  it('the API describes itself, and Swagger UI loads from this process alone', async () => {
    const { body } = await ask(`${shop.url}/openapi.json`);
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toContain('/api/orders/{id}/cancel');
    const page = await ask(`${shop.url}/docs/`);
    expect([page.text, page.headers.get('cache-control')]).toEqual([
      expect.stringContaining('swagger-ui'),
      'public, max-age=3600',
    ]);
    expect((await ask(`${shop.url}/docs/swagger-initializer.js`)).text).toContain('/openapi.json');
  });

  it('SIGTERM stops it gracefully, though a client is connected and says nothing', async () => {
    const replica = await shop.startReplica();
    const silent = connect(Number(new URL(replica.url).port), '127.0.0.1').on('error', () => {});
    await once(silent, 'connect');
    expect((await ask(`${replica.url}/livez`)).status).toBe(200);
    expect(await replica.stop()).toBe(0);
    expect(replica.lines.at(-1)).toContain('"msg":"stopped"');
  });

  it('a dead letter is refused to strangers and to orders that are none', async () => {
    const { body } = await placeOrder(shop.url, ps5);
    const url = `${shop.url}/api/queue/${body.order.order_id}/redrive`;
    expect((await post(url, {})).status).toBe(401);
    expect((await post(url, {}, { Authorization: 'Bearer wrong' })).status).toBe(401);
    const answer = await post(url, {}, { Authorization: 'Bearer operator-token-of-the-tests' });
    expect([answer.status, answer.body.code]).toEqual([409, 'NOT_DEAD_LETTERED']);
  });
});

it('the trace of a request goes on to the inventory service, with a span of our own', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'Idempotency-Key': randomUUID() };
  const { body } = await post(`${shop.url}/api/orders`, ps5, headers);
  const command = shop.inventory.seen.find((seen) => seen.order_id === body.order.order_id);
  expect(command?.traceparent).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  expect(command?.traceparent).not.toBe(headers.traceparent);
});

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder, post } from '../../test/support/http.ts';
import { metricOf } from './audit-harness.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

const ORDER = { item_id: 'ps5', quantity: 1 };
let shop: OrderHarness;

beforeAll(async () => {
  const patience = { INVENTORY_DEADLINE_MS: '60000', INVENTORY_ATTEMPT_TIMEOUT_MS: '60000', LEASE_MS: '70000' };
  shop = await startOrderService({ MAX_IN_PROGRESS: '1', LIMIT_WRITES: '100/60s', LIMIT_EXEMPT: 'none', ...patience });
});
afterAll(() => shop.stop());

/** While `work` runs, the one order that may be in progress waits for the inventory service. @returns that order's answer */
async function whileFull(work: () => Promise<void>) {
  shop.inventory.become('hang');
  const order = placeOrder(shop.url, ORDER);
  await eventually(async () => expect(await metricOf(shop.url, 'orders_in_progress')).toBe(1));
  await work();
  shop.inventory.become('apply');
  await shop.inventory.leave();
  await shop.inventory.comeBack();
  return order;
}

/** The next answer on a connection. */
async function answerOn(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await eventually(() => expect(text).toMatch(/\r\n\r\n\{.*\}$/s));
  socket.removeAllListeners('data');
  return text;
}

it('refuses an order before its body is read, keeps the connection, and takes the next order on it', async () => {
  const body = JSON.stringify(ORDER);
  const head = `POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  const socket = connect(Number(new URL(shop.url).port), '127.0.0.1');
  await once(socket, 'connect');
  await whileFull(async () => {
    socket.write(`${head}Idempotency-Key: ${randomUUID()}\r\n\r\n`);
    expect(await answerOn(socket)).toMatch(/^HTTP\/1.1 429 /);
  });
  socket.write(`${body}${head}Idempotency-Key: ${randomUUID()}\r\n\r\n${body}`);
  expect(await answerOn(socket)).toMatch(/^HTTP\/1.1 20[12] /);
  socket.destroy();
});

it('answers probes, control and scrapes while it sheds, finishes the order in hand, and then takes new ones', async () => {
  const inHand = await whileFull(async () => {
    expect((await placeOrder(shop.url, ORDER)).status).toBe(429);
    for (const path of ['/livez', '/readyz', '/health', '/metrics']) {
      expect((await ask(`${shop.url}${path}`)).status).toBe(200);
    }
    expect((await ask(`${shop.url}/api/admin/chaos`)).status).toBe(401);
  });
  // 201 if an attempt of the request reached the inventory service again, 202 if the worker's did.
  expect([201, 202]).toContain(inHand.status);
  const id = inHand.body.order.order_id;
  await eventually(async () => expect((await shop.order(id)).status).toBe('confirmed'));
  await eventually(async () => expect((await placeOrder(shop.url, ORDER)).status).toBe(201));
});

it('refuses early as it refuses later, with the same answer, headers and metrics, but spends no quota and no signature check', async () => {
  const place = (path: string, headers: Record<string, string> = {}) =>
    post(`${shop.url}${path}`, ORDER, { 'Idempotency-Key': randomUUID(), 'X-Request-Id': 'mine', ...headers });
  const counted = 'http_request_duration_seconds_count{method="POST",route="/api/orders",status_code="429"}';
  const refusals = () => metricOf(shop.url, counted);
  const before = await refusals();
  await whileFull(async () => {
    const early = await place('/api/orders', { Authorization: 'Bearer not-a-token' });
    // A spelling of the path that only Express knows.
    const later = await place('/api/orders/');
    expect([early.status, early.body]).toEqual([429, { ...later.body, instance: '/api/orders' }]);
    const { date, 'content-length': length, ...headers } = Object.fromEntries(later.headers);
    const { ratelimit, 'ratelimit-policy': policy, ...same } = headers;
    expect(ratelimit).toContain('"writes"');
    expect(policy).toContain('"writes"');
    expect(Object.fromEntries(early.headers)).toEqual({
      ...same,
      date: expect.any(String),
      'content-length': expect.any(String),
    });
    expect(same).toMatchObject({ 'retry-after': '1', 'x-request-id': 'mine', 'cache-control': 'no-store' });
  });
  expect((await refusals()) - before).toBe(2);
});

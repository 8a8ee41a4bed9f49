import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, post } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

let shop: OrderHarness;
beforeAll(async () => {
  shop = await startOrderService({ LIMIT_WRITES: '3/60s', LIMIT_READS: '2/60s', LIMIT_EXEMPT: 'none' });
});
afterAll(() => shop.stop());

const place = (address: string, headers: Record<string, string> = {}, url = shop.url) => {
  const all = { 'Idempotency-Key': randomUUID(), 'X-Forwarded-For': address, ...headers };
  return post(`${url}/api/orders`, { item_id: 'ps5', quantity: 1 }, all);
};

it('takes the orders of a quota from one caller, and everything from others and from machines', async () => {
  for (let left = 2; left >= 0; left--) {
    const { status, headers } = await place('192.0.2.1');
    expect([status, headers.get('RateLimit')]).toEqual([201, expect.stringContaining(`"writes";r=${left};t=`)]);
  }
  const refused = await place('192.0.2.1');
  expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(await shop.rows('SELECT order_id FROM orders')).toHaveLength(3);

  expect((await place('192.0.2.2')).status).toBe(201);
  expect((await place('192.0.2.1', { Authorization: `Bearer ${TOKEN}` })).status).toBe(201);
  const metrics = (await ask(`${shop.url}/metrics`)).text;
  expect(metrics).toContain('rate_limited_total{class="writes"} 1');
});

it('limits no probe', async () => {
  const from = { headers: { 'X-Forwarded-For': '192.0.2.9' } };
  const read = async (path: string) => (await ask(shop.url + path, from)).status;
  for (const expected of [200, 200, 429]) expect(await read('/api/orders')).toBe(expected);
  for (const path of ['/livez', '/readyz', '/health', '/metrics', '/openapi.json']) expect(await read(path)).toBe(200);
});

it('counts nothing that a caller did at another installation on the same Redis', async () => {
  const other = await shop.startReplica({ OPERATOR_TOKEN: 'the-token-of-another-installation' });
  const left = async (url: string) => {
    const { status, headers } = await place('192.0.2.3', {}, url);
    return [status, /r=(\d)/.exec(headers.get('RateLimit') ?? '')?.[1]];
  };
  for (const rest of ['2', '1', '0']) expect(await left(shop.url)).toEqual([201, rest]);
  expect(await left(other.url)).toEqual([201, '2']);
  // Both have told Redis, and heard from it.
  await eventually(async () => expect(await shop.redis.keys('*:limit:writes:192.0.2.3')).toHaveLength(2));
  expect(await left(other.url)).toEqual([201, '1']);
});

import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { placeOrder } from '../../test/support/http.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

const ps5 = { item_id: 'ps5', quantity: 1 };
const xbox = { item_id: 'xbox', quantity: 2 };

describe('Redis never decides', () => {
  let shop: OrderHarness;
  beforeEach(async () => {
    shop = await startOrderService();
  });
  afterEach(() => shop.stop());

  /** The name and the value of a replay in Redis, which get there shortly after the answer. */
  const stored = (key: string) =>
    eventually(async () => {
      const [name = ''] = await shop.redis.keys(`valerix:replay:*${key}`);
      expect(name).not.toBe('');
      return { name, value: (await shop.redis.get(name)) as string };
    });
  const orders = () => shop.rows<{ idempotency_key: string }>('SELECT idempotency_key FROM orders');
  /** As a restore of a backup from before all orders. */
  const forgetOrders = () => shop.rows('TRUNCATE orders, order_events');

  it('two installations on one Redis do not replay each other', async () => {
    const other = await startOrderService({ REDIS_URL: shop.redisUrl });
    try {
      const key = randomUUID();
      const first = await placeOrder(shop.url, ps5, key);
      await stored(key);
      const second = await placeOrder(other.url, xbox, key);
      expect([second.status, second.headers.has('idempotent-replayed')]).toEqual([201, false]);
      expect(second.body.order.order_id).not.toBe(first.body.order.order_id);
      expect((await placeOrder(shop.url, ps5, key)).text).toBe(first.text);
    } finally {
      await other.stop();
    }
  });

  it('an answer that was moved to another key is not given', async () => {
    const key = randomUUID();
    await placeOrder(shop.url, ps5, key);
    const { name, value } = await stored(key);
    const forged = randomUUID();
    await shop.redis.set(name.replace(key, forged), value);
    const answer = await placeOrder(shop.url, ps5, forged);
    expect([answer.status, answer.headers.has('idempotent-replayed')]).toEqual([201, false]);
    expect((await orders()).map((order) => order.idempotency_key)).toContain(forged);
  });

  it('an answer that was changed is given as PostgreSQL has it', async () => {
    const key = randomUUID();
    const first = await placeOrder(shop.url, ps5, key);
    const { name, value } = await stored(key);
    for (const changed of [
      value.replaceAll(first.body.order.order_id, randomUUID()),
      value.replace('201', '422'),
      `${value} `,
      value.slice(value.indexOf(' ') + 1),
      value.slice(0, 20),
      '',
      'nonsense',
    ]) {
      await shop.redis.set(name, changed);
      const again = await placeOrder(shop.url, ps5, key);
      expect([again.status, again.text]).toEqual([201, first.text]);
    }
  });

  it('the format of an older version is a miss', async () => {
    const key = randomUUID();
    await shop.redis.set(`valerix:replay:${key}`, `fingerprint ${randomUUID()} 201\n{"order":{}}`);
    expect((await placeOrder(shop.url, ps5, key)).status).toBe(201);
    expect(await orders()).toHaveLength(1);
  });

  it('a key that only Redis knows, with another order, is not refused', async () => {
    const key = randomUUID();
    await placeOrder(shop.url, ps5, key);
    await stored(key);
    await forgetOrders();
    expect((await placeOrder(shop.url, xbox, key)).status).toBe(201);
    expect(await orders()).toHaveLength(1);
  });

  it('a restored database does not replay what came after its backup', async () => {
    const key = randomUUID();
    const before = await placeOrder(shop.url, ps5, key);
    await stored(key);
    await forgetOrders();
    await shop.rows('UPDATE installation SET id = gen_random_uuid()');
    await eventually(async () => {
      const answer = await placeOrder(shop.url, ps5, key);
      expect([answer.status, answer.text]).not.toEqual([before.status, before.text]);
    });
    expect(await orders()).toHaveLength(1);
  });

  it('a hint of another installation wakes no worker, and its stream ends with its installation', async () => {
    await eventually(async () => expect(await shop.redis.keys('valerix:queued:*')).toHaveLength(1));
    const other = await startOrderService({ REDIS_URL: shop.redisUrl });
    try {
      await eventually(async () => expect(await shop.redis.keys('valerix:queued:*')).toHaveLength(2));
      for (const stream of await shop.redis.keys('valerix:queued:*'))
        await eventually(async () => expect(await shop.redis.ttl(stream)).toBeGreaterThan(0));
    } finally {
      await other.stop();
    }
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { insist, orderRequest } from '../../test/support/good-client.ts';
import { ask, placeOrder } from '../../test/support/http.ts';
import type { Behaviour } from './fake-participants.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

const ps5 = { item_id: 'ps5', quantity: 2 };
let shop: OrderHarness;

beforeAll(async () => {
  // A breaker that stays out of the way; its own tests are in inventory-client.component.test.ts.
  shop = await startOrderService({ BREAKER_MIN_CALLS: '100000' });
});
afterAll(() => shop.stop());
beforeEach(() => shop.inventory.become('apply'));

describe('the inventory service answers', () => {
  it('an order with stock is confirmed: 201, Location, and a timeline of what happened', async () => {
    const answer = await placeOrder(shop.url, ps5);
    expect(answer.status).toBe(201);
    expect(answer.body.order).toMatchObject({ status: 'confirmed', items: [ps5] });
    expect(answer.headers.get('location')).toBe(`/api/orders/${answer.body.order.order_id}`);
    expect(await shop.eventTypes(answer.body.order.order_id)).toEqual(['order.created', 'order.confirmed']);
  });

  it('an order without stock is refused for good: 422 OUT_OF_STOCK, and the refusal is replayed', async () => {
    shop.inventory.become('refuse');
    const key = randomUUID();
    const refused = await placeOrder(shop.url, ps5, key);
    expect(refused.status).toBe(422);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.body).toMatchObject({ code: 'OUT_OF_STOCK', status: 422 });
    shop.inventory.become('apply');
    expect((await placeOrder(shop.url, ps5, key)).text).toBe(refused.text);
    expect((await shop.order(refused.body.order_id)).status).toBe('failed');
  });

  it('several items travel as one order', async () => {
    const items = [ps5, { item_id: 'xbox', quantity: 1 }];
    const { body } = await placeOrder(shop.url, { items });
    expect(shop.inventory.decisions.get(body.order.order_id)?.items).toEqual(items);
  });
});

/** On a machine that is busy with something else a thousand orders at once can be too many: 503, and the client asks again. */
const askWhileUnavailable = (key: string) =>
  insist(`${shop.url}/api/orders`, orderRequest(key, [ps5]), ({ status }) => status !== 503, { attemptMs: 20_000 });

/** The answer reaches Redis shortly after the client. */
const stored = (key: string) =>
  eventually(async () => expect(await shop.redis.keys(`valerix:replay:*:${key}`)).toHaveLength(1));

describe('the same key again', () => {
  it('I10: the answer is replayed byte for byte, from Redis', async () => {
    const key = randomUUID();
    const first = await placeOrder(shop.url, ps5, key);
    await stored(key);
    const again = await placeOrder(shop.url, { items: [ps5] }, key);
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
  });

  it('I11: and from PostgreSQL when Redis has forgotten everything', async () => {
    const key = randomUUID();
    const first = await placeOrder(shop.url, ps5, key);
    await stored(key);
    await shop.redis.flushdb();
    const again = await placeOrder(shop.url, ps5, key);
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('with another order it is refused, whether or not the first is finished', async () => {
    const key = randomUUID();
    shop.inventory.become('hang');
    const first = placeOrder(shop.url, ps5, key);
    await eventually(async () =>
      expect(await shop.rows('SELECT 1 FROM orders WHERE idempotency_key = $1', [key])).toHaveLength(1),
    );
    const other = { item_id: 'ps5', quantity: 3 };
    expect((await placeOrder(shop.url, other, key)).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    await first;
    expect((await placeOrder(shop.url, other, key)).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('while the first is still running it is told to come back: 409 with Retry-After', async () => {
    const key = randomUUID();
    shop.inventory.become('hang');
    const first = placeOrder(shop.url, ps5, key);
    await eventually(async () =>
      expect(await shop.rows('SELECT 1 FROM orders WHERE idempotency_key = $1', [key])).toHaveLength(1),
    );
    const early = await placeOrder(shop.url, ps5, key);
    expect([early.status, early.body.code]).toEqual([409, 'IDEMPOTENCY_KEY_IN_FLIGHT']);
    expect(early.headers.get('retry-after')).toBe('1');
    expect((await first).status).toBe(202);
  });

  it('I3: 200 keys, each sent five times at once, make exactly 200 orders', async () => {
    const keys = Array.from({ length: 200 }, () => randomUUID());
    const answers = await Promise.all(
      keys.flatMap((key) => Array.from({ length: 5 }, async () => ({ key, answer: await askWhileUnavailable(key) }))),
    );
    const rows = await shop.rows<{ n: number }>(
      'SELECT count(*)::int AS n FROM orders WHERE idempotency_key = ANY($1)',
      [keys],
    );
    expect(rows[0]?.n).toBe(200);
    let firsts = 0;
    for (const key of keys) {
      const own = answers.filter((entry) => entry.key === key).map(({ answer }) => answer);
      const finished = own.filter((answer) => answer.status !== 409);
      for (const answer of own) expect([201, 202, 409], answer.text).toContain(answer.status);
      expect(new Set(finished.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
      const first = finished.filter((answer) => !answer.headers.has('idempotent-replayed'));
      expect(first.length).toBeLessThanOrEqual(1);
      firsts += first.length;
    }
    expect(firsts).toBeGreaterThan(0);
  });
});

describe('the inventory service gives no usable answer', () => {
  const silent: Behaviour[] = ['hang', 'reset', 'fail', 'garbage', 'commit-then-die'];

  it.each(silent)(
    '%s: the order is accepted with 202 in time, and confirmed once the inventory service is back',
    async (behaviour) => {
      shop.inventory.become(behaviour);
      const answer = await placeOrder(shop.url, ps5);
      expect(answer.status).toBe(202);
      expect(answer.body.message).toBe(
        'Your order is accepted. It takes longer than usual; we will confirm it shortly.',
      );
      expect((await shop.order(answer.body.order.order_id)).status).toBe('queued');

      shop.inventory.become('apply');
      await eventually(async () => expect((await shop.order(answer.body.order.order_id)).status).toBe('confirmed'));
      expect(shop.inventory.decisions.get(answer.body.order.order_id)?.outcome).toBe('applied');
    },
  );

  it('a lost reply is found out by asking again, within the same request', async () => {
    // Successes fill the retry budget that the tests before this one spent.
    for (let i = 0; i < 10; i++) await placeOrder(shop.url, ps5);
    shop.inventory.becomeOnce('commit-then-die');
    const answer = await placeOrder(shop.url, ps5);
    expect(answer.status).toBe(201);
    const commands = shop.inventory.seen.filter((command) => command.order_id === answer.body.order.order_id);
    expect(commands.map((command) => command.attempt)).toEqual([1, 2]);
  });

  it('every attempt carries the time that is left to it', async () => {
    shop.inventory.become('hang');
    const { body } = await placeOrder(shop.url, ps5);
    const commands = shop.inventory.seen.filter((command) => command.order_id === body.order.order_id);
    for (const command of commands) {
      expect(command.deadline_ms).toBeGreaterThan(0);
      expect(command.deadline_ms).toBeLessThanOrEqual(400);
    }
  });

  it('the answer of a queued order stays 202 for its key, though the order moves on', async () => {
    const key = randomUUID();
    shop.inventory.become('reset');
    const first = await placeOrder(shop.url, ps5, key);
    shop.inventory.become('apply');
    await eventually(async () => expect((await shop.order(first.body.order.order_id)).status).toBe('confirmed'));
    expect((await placeOrder(shop.url, ps5, key)).text).toBe(first.text);
  });
});

describe('the process dies', () => {
  it('an order whose request died is settled by another replica, and its client gets the answer', async () => {
    const key = randomUUID();
    const doomed = await shop.startReplica();
    shop.inventory.become('hang');
    const lost = placeOrder(doomed.url, ps5, key).catch(() => 'connection lost');
    await eventually(async () =>
      expect(await shop.rows('SELECT 1 FROM orders WHERE idempotency_key = $1', [key])).toHaveLength(1),
    );
    await doomed.kill('SIGKILL');
    expect(await lost).toBe('connection lost');

    shop.inventory.become('apply');
    const answer = await eventually(async () => {
      const retry = await placeOrder(shop.url, ps5, key);
      expect(retry.status).toBe(201);
      return retry;
    });
    expect(answer.headers.get('idempotent-replayed')).toBe('true');
    expect(await shop.eventTypes(answer.body.order.order_id)).toEqual(['order.created', 'order.confirmed']);
  });

  it('SIGTERM lets a request finish, then the process exits with 0', async () => {
    const replica = await shop.startReplica();
    shop.inventory.become('hang');
    const asked = shop.inventory.seen.length;
    const running = placeOrder(replica.url, ps5);
    await eventually(() => expect(shop.inventory.seen.length).toBeGreaterThan(asked));
    const [answer, code] = await Promise.all([running, replica.stop()]);
    expect([answer.status, code]).toEqual([202, 0]);
    await expect(ask(`${replica.url}/livez`)).rejects.toThrow();
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type Answer, ask, post } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { PRICE_CENTS } from './fake-participants.ts';
import { startPaidOrders } from './order-harness.ts';

const OTHER_TOKEN = 'tok_secret_of_this_customer';
/** Short waits, so that every way of failing ends within a second. */
const QUICK = {
  INVENTORY_DEADLINE_MS: '300',
  INVENTORY_ATTEMPT_TIMEOUT_MS: '150',
  PAYMENT_DEADLINE_MS: '300',
  PAYMENT_ATTEMPT_TIMEOUT_MS: '150',
  BACKOFF_MS: '50',
  // What fails in one test must not keep the calls of the next from being sent.
  BREAKER_MIN_CALLS: '1000000',
};

type Shop = Awaited<ReturnType<typeof startPaidOrders>>;
/** The shop of the test: one that tests share, or one with settings of its own. */
let shop: Shop;
let [usual, quick, own]: (Shop | undefined)[] = [];
beforeAll(async () => {
  [usual, quick] = await Promise.all([startPaidOrders(), startPaidOrders(QUICK)]);
});
afterEach(async () => {
  await own?.stop();
  own = undefined;
});
afterAll(() => Promise.all([usual?.stop(), quick?.stop()]));

/** A shared shop, whose participants remember nothing of the tests before. */
function renewed(shared: Shop | undefined): Shop {
  if (!shared) throw new Error('the shop did not start');
  for (const { become, curse, seen, decisions } of [shared.inventory, shared.payment]) {
    become('apply');
    curse(() => false);
    seen.length = 0;
    decisions.clear();
  }
  return shared;
}

async function ownShop(env: Record<string, string>): Promise<Shop> {
  own = await startPaidOrders(env);
  return own;
}

function pay(change: object = {}, key: string = randomUUID()): Promise<Answer> {
  const body = { item_id: 'ps5', quantity: 2, payment: { token: 'tok_ok' }, ...change };
  return post(`${shop.url}/api/orders`, body, { 'Idempotency-Key': key });
}
const idOf = ({ body }: Answer): string => body.order?.order_id ?? body.order_id;
const becomes = (id: string, status: string) =>
  eventually(async () => expect((await shop.order(id)).status).toBe(status));
const stockOf = (id: string) => shop.inventory.decisions.get(id);
const moneyOf = (id: string) => shop.payment.decisions.get(id);
const opsOf = (list: { op: string; order_id: string }[], id: string) =>
  list.filter(({ order_id }) => order_id === id).map(({ op }) => op);

/** I15, I16, I17: what both participants hold of an order that has ended. */
function expectHeld(id: string, held: boolean): void {
  const [stock, money] = [stockOf(id), moneyOf(id)];
  expect(stock?.held ?? false).toBe(false);
  expect(stock?.outcome === 'applied' && stock.released_at === null).toBe(held);
  expect(money?.outcome === 'applied' && money.refunded_at === null).toBe(held);
  // Nothing can still arrive.
  if (!held) expect(money).toBeDefined();
}

const storedToken = async (id: string) =>
  (await shop.rows<{ payment_token: string | null }>('SELECT payment_token FROM orders WHERE order_id = $1', [id]))[0]
    ?.payment_token;

it('a paid order reserves its stock, is charged its total once, and is confirmed with its prices', async () => {
  shop = renewed(usual);
  const answer = await pay();
  expect(answer.status).toBe(201);
  expect(answer.body.order).toMatchObject({
    status: 'confirmed',
    currency: 'EUR',
    total_cents: 2 * PRICE_CENTS,
    items: [{ item_id: 'ps5', quantity: 2, unit_price_cents: PRICE_CENTS }],
  });
  const id = idOf(answer);
  expect(opsOf(shop.inventory.seen, id)).toEqual(['reserve', 'commit']);
  expect(shop.payment.seen).toMatchObject([
    { op: 'charge', order_id: id, amount_cents: 2 * PRICE_CENTS, currency: 'EUR', token: 'tok_ok' },
  ]);
  expectHeld(id, true);
});

it('an order without payment asks nothing of the payment service, and shows its prices too', async () => {
  shop = renewed(usual);
  const answer = await pay({ payment: undefined });
  expect(answer.body.order).toMatchObject({ total_cents: 2 * PRICE_CENTS, payment_deadline: null });
  expect(opsOf(shop.inventory.seen, idOf(answer))).toEqual(['deduct']);
  expect(shop.payment.seen).toEqual([]);
});

it('a declined card is answered 402 at once, in our words; the stock is given back, and the key keeps its answer', async () => {
  shop = renewed(usual);
  shop.payment.become('refuse');
  const key = randomUUID();
  const answer = await pay({}, key);
  expect(answer.status).toBe(402);
  expect(answer.body).toMatchObject({
    code: 'PAYMENT_DECLINED',
    reason: 'CARD_DECLINED',
    total_cents: 2 * PRICE_CENTS,
  });
  const id = idOf(answer);
  await becomes(id, 'failed');
  expectHeld(id, false);
  expect(await shop.eventTypes(id)).toEqual(['order.created', 'order.compensating', 'order.failed']);
  const again = await pay({}, key);
  expect([again.status, again.text]).toEqual([402, answer.text]);
});

it('stock that is short is refused before anybody is charged, and nothing must be undone', async () => {
  shop = renewed(usual);
  shop.inventory.become('refuse');
  const answer = await pay();
  expect([answer.status, answer.body.code]).toEqual([422, 'OUT_OF_STOCK']);
  expect(shop.payment.seen).toEqual([]);
  expect(await shop.eventTypes(idOf(answer))).toEqual(['order.created', 'order.failed']);
});

describe('the payment service gives no usable answer', () => {
  it.each(['hang', 'reset', 'fail', 'garbage', 'commit-then-die'] as const)(
    '%s: the order is accepted with 202, and charged once when the service is back',
    async (behaviour) => {
      shop = renewed(quick);
      shop.payment.become(behaviour);
      const answer = await pay();
      expect([answer.status, answer.body.order.status]).toEqual([202, 'queued']);
      expect(answer.body.order.total_cents).toBe(2 * PRICE_CENTS);
      const id = idOf(answer);
      expect(await storedToken(id)).toBe('tok_ok');
      shop.payment.become('apply');
      await becomes(id, 'confirmed');
      expectHeld(id, true);
      expect(await storedToken(id)).toBeNull();
    },
  );
});

describe('the inventory service loses the reply', () => {
  it.each(['reserve', 'commit'] as const)('to a %s: the order is confirmed, and taken and charged once', async (op) => {
    shop = await ownShop({ ...QUICK, INVENTORY_MAX_ATTEMPTS: '1' });
    shop.inventory.curse((command) => command.op === op);
    const answer = await pay();
    expect(answer.status).toBe(202);
    shop.inventory.curse(() => false);
    await becomes(idOf(answer), 'confirmed');
    expectHeld(idOf(answer), true);
    expect(shop.payment.decisions.size).toBe(1);
  });
});

it('a charge that the provider has not decided opens no breaker, makes no dead letter, and is asked for again', async () => {
  shop = await ownShop({ ...QUICK, BREAKER_MIN_CALLS: '2', MAX_ATTEMPTS: '1' });
  const pending = { status: 503, code: 'PAYMENT_PENDING', detail: 'The provider has not answered.' };
  shop.payment.curse(() => true, pending);
  const placed = await Promise.all(Array.from({ length: 6 }, () => pay()));
  expect(placed.map(({ status }) => status)).toEqual(Array(6).fill(202));
  await eventually(async () => expect(shop.payment.seen.length).toBeGreaterThan(18));
  const { text } = await ask(`${shop.url}/metrics`);
  expect(text).toContain('circuit_breaker_state{service="payment-service"} 0');
  expect(text).toContain('orders_dead_lettered 0');
  shop.payment.curse(() => false);
  for (const answer of placed) await becomes(idOf(answer), 'confirmed');
});

it('I16: a paid order that is still open at its deadline is undone, the payment first, and fails', async () => {
  shop = await ownShop({ ...QUICK, PAYMENT_WINDOW_MS: '600' });
  shop.payment.become('commit-then-die');
  const answer = await pay();
  expect(answer.status).toBe(202);
  const id = idOf(answer);
  // The provider has charged; the answer never comes before the deadline.
  await becomes(id, 'compensating');
  shop.payment.become('apply');
  await becomes(id, 'failed');
  expect((await shop.order(id)).reason).toBe('PAYMENT_TIMEOUT');
  expectHeld(id, false);
  expect(opsOf(shop.inventory.seen, id).filter((op) => op === 'release')).toHaveLength(1);
});

it('I16: a charge on its way when the order is cancelled meets the tombstone of the refund', async () => {
  shop = renewed(quick);
  shop.payment.become('reset');
  const answer = await pay();
  const id = idOf(answer);
  shop.payment.become('apply');
  const cancelled = await post(`${shop.url}/api/orders/${id}/cancel`, {});
  expect(cancelled.status).toBeLessThan(300);
  await becomes(id, 'cancelled');
  expectHeld(id, false);
});

it('a confirmed order that is cancelled is refunded, then its stock is released', async () => {
  shop = renewed(usual);
  const id = idOf(await pay());
  const cancelled = await post(`${shop.url}/api/orders/${id}/cancel`, {});
  expect([cancelled.status, cancelled.body.order.status]).toEqual([200, 'cancelled']);
  expectHeld(id, false);
});

it('while the refund is not known, the stock stays with the order', async () => {
  shop = renewed(quick);
  const id = idOf(await pay());
  shop.payment.become('fail');
  expect((await post(`${shop.url}/api/orders/${id}/cancel`, {})).status).toBe(202);
  expect(stockOf(id)?.released_at).toBeNull();
  shop.payment.become('apply');
  await becomes(id, 'cancelled');
  expectHeld(id, false);
});

it.each(['saga.after-reserve', 'saga.after-charge', 'saga.after-commit'])(
  'the process dies at %s: another one confirms the order, taken and charged once',
  async (point) => {
    shop = await ownShop({ ...QUICK, LEASE_MS: '1000' });
    const replica = await shop.startReplica();
    const fault = {
      service: 'order-service',
      point,
      type: 'crash',
      max_hits: 1,
      params: { min_interval_ms: 0 },
      reason: 'test',
    };
    const headers = { Authorization: `Bearer ${TOKEN}` };
    expect((await post(`${shop.url}/api/admin/chaos/faults`, fault, headers)).status).toBe(201);
    const key = randomUUID();
    await pay({}, key).catch(() => {});
    const again = await eventually(async () => {
      const answer = await post(
        `${replica.url}/api/orders`,
        { item_id: 'ps5', quantity: 2, payment: { token: 'tok_ok' } },
        { 'Idempotency-Key': key },
      );
      expect(answer.status).toBe(201);
      return answer;
    });
    expectHeld(idOf(again), true);
    expect(shop.payment.decisions.size).toBe(1);
  },
);

it('the token is kept only while the payment is asked for, and stands in no log, event or answer', async () => {
  shop = renewed(quick);
  const answer = await pay({ payment: { token: OTHER_TOKEN } });
  const id = idOf(answer);
  expect(await storedToken(id)).toBeNull();
  const events = await shop.rows('SELECT data::text FROM order_events WHERE order_id = $1', [id]);
  const [row] = await shop.rows<{ row: string }>(
    'SELECT row_to_json(orders)::text AS row FROM orders WHERE order_id = $1',
    [id],
  );
  for (const text of [answer.text, JSON.stringify(events), row?.row ?? '', shop.service.lines.join('\n')]) {
    expect(text).not.toContain(OTHER_TOKEN);
  }
});

it('another token, total or no payment under the same key is another order (I10)', async () => {
  shop = renewed(usual);
  const key = randomUUID();
  await pay({ expected_total_cents: 2 * PRICE_CENTS }, key);
  const others = [
    { expected_total_cents: 2 * PRICE_CENTS, payment: { token: 'tok_other' } },
    { expected_total_cents: 1 },
    { expected_total_cents: 2 * PRICE_CENTS, payment: undefined },
  ];
  for (const other of others) {
    const { status, body } = await pay(other, key);
    expect([status, body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  }
});

it('the expected total travels to the warehouse, also from the worker', async () => {
  shop = renewed(quick);
  shop.inventory.become('reset');
  const answer = await pay({ expected_total_cents: 2 * PRICE_CENTS });
  expect(answer.status).toBe(202);
  shop.inventory.become('apply');
  await becomes(idOf(answer), 'confirmed');
  const reserved = shop.inventory.seen.filter(({ op }) => op === 'reserve');
  expect(new Set(reserved.map((command) => 'items' in command && command.expected_total_cents))).toEqual(
    new Set([2 * PRICE_CENTS]),
  );
});

import { randomUUID } from 'node:crypto';
import { createFaultRegistry } from '@valerix/service-kit/chaos/fault-registry';
import { chaosKeys } from '@valerix/service-kit/chaos/keys';
import { newFault } from '@valerix/service-kit/chaos/new-fault';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf, type Sent } from '../../test/support/contract.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { openApiDocument } from '../src/openapi.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

// What /openapi.json says is what is answered: status, headers, type, body and code.
const contract = contractOf(openApiDocument, TOKEN);
let shop: OrderHarness;
beforeAll(async () => {
  shop = await startOrderService({ INVENTORY_DEADLINE_MS: '2000', SWEEP_INTERVAL_MS: '60000' });
});
afterAll(() => shop.stop());

const send = (sent: Sent) => contract.send(shop.url, sent);
const place = (key: string = randomUUID(), quantity = 1) =>
  send({
    operation: 'POST /api/orders',
    init: { headers: { 'Idempotency-Key': key }, body: JSON.stringify({ item_id: 'ps5', quantity }) },
  });
const on = (operation: string, id: string) => send({ operation, url: operation.split(' ')[1]?.replace(/\{.*}/, id) });
const idOf = ({ body }: { body: string }): string => JSON.parse(body).order.order_id;

it('every success is answered as it is documented, and so are refusals', async () => {
  const key = randomUUID();
  const confirmed = idOf(await place(key));
  expect((await place(key)).status).toBe(201);
  expect((await place(key, 2)).status).toBe(422);
  shop.inventory.become('refuse');
  const short = randomUUID();
  const refused = JSON.parse((await place(short)).body).order_id;
  expect((await place(short)).status).toBe(422);
  shop.inventory.become('hang');
  const slow = randomUUID();
  const twice = await Promise.all([place(slow), place(slow)]);
  expect(twice.map(({ status }) => status).sort()).toEqual([202, 409]);
  const queued = idOf(await place(slow));

  for (const operation of ['GET /api/orders/{id}', 'GET /api/orders/{id}/events']) await on(operation, confirmed);
  for (const operation of ['GET /api/orders', 'GET /api/orders/stream', 'GET /api/queue', 'GET /api/integrity']) {
    await send({ operation });
  }
  const redrive = (id: string) => on('POST /api/queue/{order_id}/redrive', id);
  expect((await redrive(confirmed)).status).toBe(409);
  await shop.rows('UPDATE orders SET dead_lettered_at = now(), next_attempt_at = NULL WHERE order_id = $1', [queued]);
  expect((await redrive(queued)).status).toBe(202);
  const all = { operation: 'POST /api/queue/redrive', init: { body: '{"all":true}' } };
  expect((await send(all)).status).toBe(202);

  const cancel = (id: string) => on('POST /api/orders/{id}/cancel', id);
  expect((await cancel(confirmed)).status).toBe(202);
  shop.inventory.become('apply');
  expect((await cancel(confirmed)).status).toBe(200);
  expect((await cancel(refused)).status).toBe(409);

  for (const operation of contract.operations.filter((one) => one.includes('{'))) {
    expect([operation, (await on(operation, randomUUID())).status]).toEqual([operation, 404]);
  }
  expect(contract.unseen()).toEqual([]);
});

it.each(contract.misuses)('$operation: $what', async (misuse) => {
  const { status } = await send(misuse);
  expect(status).toBeGreaterThanOrEqual(misuse.least);
  expect(status).toBeLessThan(500);
});

it.each(['a', 'a b', 'é', 'a\tb', 'x'.repeat(255), 'x'.repeat(256)])(
  'a key is taken as documented: %j',
  async (key) => {
    const [header] = contract.lookUp('POST /api/orders').parameters ?? [];
    expect((await place(key)).status < 400).toBe(new RegExp(header?.schema.pattern ?? '').test(key));
  },
);

it('without a database every operation answers with what it documents', async () => {
  const { order_id: id } = (await placeOrder(shop.url, { item_id: 'ps5', quantity: 1 })).body.order;
  const draft = {
    service: 'order-service',
    point: 'dependency.postgres',
    type: 'dependency-refuse',
    match: {},
  } as const;
  const fault = newFault({ ...draft, percentage: 100, params: {}, created_by: 'test', reason: 'test' }, 60);
  await createFaultRegistry(shop.redis, chaosKeys(TOKEN)).change({ add: [{ fault, ttlMs: 60_000 }] });
  await eventually(async () => expect((await ask(`${shop.url}/api/orders`)).status).toBe(503));
  for (const operation of contract.operations) {
    if (operation === 'POST /api/orders') expect((await place()).status).toBe(503);
    else await on(operation, id);
  }
});

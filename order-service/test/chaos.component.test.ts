import { randomUUID } from 'node:crypto';
import type { Fault } from '@valerix/contracts';
import { createFaultRegistry, type FaultRegistry } from '@valerix/service-kit/chaos/fault-registry';
import { chaosKeys } from '@valerix/service-kit/chaos/keys';
import { newFault } from '@valerix/service-kit/chaos/new-fault';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder, post } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

let service: OrderHarness;
let registry: FaultRegistry;
const DEADLINE_MS = 400;

beforeAll(async () => {
  service = await startOrderService({
    INVENTORY_DEADLINE_MS: String(DEADLINE_MS),
    MARK_INTERVAL_MS: '50',
    MAX_IN_PROGRESS: '5',
  });
  registry = createFaultRegistry(service.redis, chaosKeys(TOKEN));
});
afterAll(() => service.stop());
afterEach(async () => {
  await registry.change({ remove: 'all' });
  await inForce(0);
});

/** As the process itself says. */
const inForce = (count: number) =>
  eventually(async () => {
    const { text } = await ask(`${service.url}/metrics`);
    const enabled = (text.match(/^chaos_enabled\{.*\} [1-9]\d*$/gm) ?? []).length;
    if (enabled !== count) throw new Error(`${enabled} types of fault are in force`);
  });

/** Arms a fault as the admin API of the inventory service does, and waits until it is in force here. */
async function arm(point: string, type: Fault['type'], change: Partial<Fault> = {}): Promise<Fault> {
  const draft = { service: 'order-service', point, type, match: {}, percentage: 100, params: {} } as const;
  const fault = newFault({ ...draft, created_by: 'test', reason: 'test', ...change }, 60);
  await registry.change({ add: [{ fault, ttlMs: 60_000 }] });
  await inForce(1);
  return fault;
}

const order = (key?: string) => placeOrder(service.url, { item_id: 'ps5', quantity: 1 }, key);

it('a refused Redis costs no order, and /health says so', async () => {
  await arm('dependency.redis', 'dependency-refuse');
  expect((await order()).status).toBe(201);
  const health = await ask(`${service.url}/health`);
  expect([health.status, health.body.checks.redis.status]).toEqual([200, 'degraded']);
});

it('a refused PostgreSQL is a 503; probes are exempt', async () => {
  await arm('dependency.postgres', 'dependency-refuse');
  const answer = await order();
  expect([answer.status, answer.body.code]).toEqual([503, 'DATABASE_UNAVAILABLE']);
  expect((await ask(`${service.url}/readyz`)).status).toBe(200);
});

it('a slow PostgreSQL delays each connection that is taken', async () => {
  await arm('dependency.postgres', 'dependency-slow', { params: { latency_ms: 150 } });
  const start = performance.now();
  expect((await order()).status).toBe(201);
  // T0 and T1.
  expect(performance.now() - start).toBeGreaterThanOrEqual(300);
});

it.each<[Fault['type'], Fault['params']]>([
  ['latency', { latency_ms: 60_000 }],
  ['drop-response', {}],
  ['error', { status: 503 }],
  ['reset', {}],
])('outbound %s: no call outlives its time limit, and the order is accepted with 202', async (type, params) => {
  await arm('outbound', type, { params });
  const start = performance.now();
  expect((await order()).status).toBe(202);
  expect(performance.now() - start).toBeLessThan(DEADLINE_MS + 10_000);
});

it('a reset after the order settled cuts the connection; the retry gets the stored answer', async () => {
  // The calls that failed above may have opened the breaker.
  await eventually(async () => expect((await order()).status).toBe(201));
  await arm('order.after-answer', 'reset', { max_hits: 1 });
  const key = randomUUID();
  await expect(order(key)).rejects.toThrow('fetch failed');
  const answer = await order(key);
  expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
});

it('I13: requests whose callers left hold no place', async () => {
  await arm('inbound', 'latency', { params: { latency_ms: 300 } });
  const impatient = () =>
    post(`${service.url}/api/orders`, {}, { 'Idempotency-Key': randomUUID() }, AbortSignal.timeout(100));
  const left = await Promise.allSettled(Array.from({ length: 5 }, impatient));
  expect(left.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
  await eventually(async () => expect((await order()).status).toBe(201));
});

it('an error at a step is a problem with the status that was asked for', async () => {
  await arm('order.before-create', 'error', { params: { status: 503 } });
  const answer = await order();
  expect([answer.status, answer.body.code]).toEqual([503, 'INJECTED_FAULT']);
});

it('hang: the event loop stands still for as long as it says', async () => {
  await arm('order.before-create', 'hang', { params: { hang_ms: 600 }, max_hits: 1 });
  const start = performance.now();
  expect((await order()).status).toBe(201);
  expect(performance.now() - start).toBeGreaterThanOrEqual(600);
});

it('the mark of a fault stands on the timeline once, though the order had no id when it fired', async () => {
  const fault = await arm('inbound', 'latency', { params: { latency_ms: 1 } });
  const { body } = await order();
  const events = await eventually(async () => {
    const timeline = await ask(`${service.url}/api/orders/${body.order.order_id}/events`);
    const marks = timeline.body.items.filter(({ type }: { type: string }) => type === 'chaos.fault_fired');
    if (marks.length === 0) throw new Error('no mark yet');
    return marks;
  });
  expect(events.filter((event: { causation_id: string }) => event.causation_id === fault.id)).toHaveLength(1);
  expect(events[0].data).toMatchObject({
    fault_id: fault.id,
    type: 'latency',
    point: 'inbound',
    service: 'order-service',
  });
  expect(await service.order(body.order.order_id)).toMatchObject({ status: 'confirmed' });
});

import { randomUUID } from 'node:crypto';
import { CHAOS_PRESETS, chaosState, FAILPOINTS } from '@valerix/contracts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ask, post } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { deduction, metric, operator, sendCommands } from './chaos-harness.ts';
import { type InventoryHarness, startInventoryService } from './inventory-harness.ts';

let inventory: InventoryHarness;
const chaos = () => operator(inventory.url);
const path = (rest = '') => `${inventory.url}/api/admin/chaos${rest}`;
const headers = { Authorization: `Bearer ${TOKEN}` };

beforeAll(async () => {
  inventory = await startInventoryService();
});
afterAll(() => inventory.stop());
beforeEach(() => chaos().clear());

it.each([
  ['GET', ''],
  ['POST', ''],
  ['DELETE', ''],
  ['POST', '/faults'],
  ['POST', '/halt'],
  ['POST', '/rearm'],
  ['GET', '/audit'],
  ['GET', '/failpoints'],
])('%s /api/admin/chaos%s needs the operator', async (method, rest) => {
  for (const authorization of ['', 'Bearer wrong', `Basic ${TOKEN}`]) {
    const answer = await ask(path(rest), { method, headers: { Authorization: authorization } });
    expect([answer.status, answer.body.code]).toEqual([401, 'UNAUTHORIZED']);
  }
});

it.each(Object.entries(CHAOS_PRESETS))('the simple API as it was: preset %s', async (name, preset) => {
  const state = await chaos().simple({ ...preset, reason: 'game day' });
  expect(chaosState.parse(state).chaos).toEqual({ ...preset, kill_rate: 0 });
  expect(state.faults.map(({ point, type, preset: made }) => `${made} ${point} ${type}`)).toEqual([
    `${name} inbound error`,
    `${name} inbound latency`,
    `${name} after-commit error`,
    `${name} after-commit reset`,
  ]);
  // Posting again replaces; everything off is off.
  await chaos().simple({ latency: true, latency_ms: 7 });
  expect((await chaos().state()).faults.length).toBe(1);
  const off = await chaos().simple({});
  expect([off.faults, off.chaos.latency]).toEqual([[], false]);
});

it('crash_rate is an error 500 and kills no process; kill_rate does', async () => {
  await chaos().simple({ crash_rate: 1 });
  const answer = await inventory.deduct(randomUUID(), [{ item_id: 'switch', quantity: 1 }]);
  expect([answer.status, answer.body.code]).toEqual([500, 'INJECTED_FAULT']);
  const { chaos: setting, faults } = await chaos().simple({ kill_rate: 0.5 });
  expect([setting.crash_rate, setting.kill_rate]).toEqual([0, 0.5]);
  expect(faults.map(({ point, type, percentage }) => [point, type, percentage])).toEqual([['inbound', 'crash', 50]]);
});

it('the simple API leaves faults alone that it did not make, and DELETE ends them all', async () => {
  const fault = await chaos().arm({ service: 'order-service', point: 'outbound', type: 'error' });
  await chaos().simple({ crash_rate: 0.001 });
  await chaos().simple({});
  expect((await chaos().state()).faults.map(({ id }) => id)).toEqual([fault.id]);
  expect((await chaos().clear()).body.faults).toEqual([]);
});

it('the simple API replaces its faults also when as many are armed as may be', async () => {
  const everything = { latency: true, latency_ms: 1, crash_rate: 0.001, partial_failure_rate: 0.5 };
  await chaos().simple(everything);
  for (let i = 0; i < 96; i++)
    await chaos().arm({ service: 'inventory-service', point: 'after-commit', type: 'error', percentage: 0 });
  const { faults } = await chaos().simple({ ...everything, latency_ms: 2 });
  expect(faults).toHaveLength(100);
  await expect(chaos().arm({ service: 'order-service', point: 'outbound', type: 'error' })).rejects.toThrow(
    'TOO_MANY_FAULTS',
  );
});

it('the simple API leaves the faults of one setting when two arrive at once', async () => {
  const settings = [1, 2].map((latencyMs) => chaos().simple({ latency: true, latency_ms: latencyMs }));
  await Promise.all(settings);
  expect((await chaos().state()).faults).toHaveLength(1);
});

it('the gauges tell the truth at once when chaos is switched, and every firing counts', async () => {
  const enabled = () => metric(inventory.url, 'chaos_enabled{type="latency"}');
  expect(await enabled()).toBe(0);
  await chaos().simple({ latency: true, latency_ms: 1 });
  expect(await enabled()).toBe(1);
  const before = await metric(inventory.url, 'chaos_events_total{type="latency"}');
  await sendCommands(inventory.url, [deduction(), deduction()]);
  expect(await metric(inventory.url, 'chaos_events_total{type="latency"}')).toBe((before ?? 0) + 2);
  for (const name of ['chaos_enabled{type="latency"}', 'chaos_events_total{type="latency"}']) {
    expect(await metric(inventory.url, `inventory_${name}`), name).toBe(await metric(inventory.url, name));
  }
  expect((await chaos().state()).faults[0]).toMatchObject({ matched: 2, fired: 2 });
  await chaos().clear();
  expect(await enabled()).toBe(0);
});

it('a fault is created, listed, read, ended; what is wrong with one is said by field', async () => {
  const fault = await chaos().arm({
    service: 'inventory-service',
    point: 'inbound',
    type: 'error',
    params: { status: 503 },
  });
  expect((await ask(path('/faults'), { headers })).body.items).toEqual([fault]);
  expect((await ask(path(`/faults/${fault.id}`), { headers })).body).toEqual({ fault });
  expect((await chaos().disarm(fault.id)).body).toEqual({ fault });
  expect((await ask(path(`/faults/${fault.id}`), { method: 'DELETE', headers })).status).toBe(404);

  const wrong = await post(path('/faults'), { service: 'inventory-service', point: 'nowhere', type: 'hang' }, headers);
  expect([wrong.status, wrong.body.errors.map((error: { field: string }) => error.field)]).toEqual([
    400,
    ['point', 'params.hang_ms'],
  ]);
  const shape = await post(
    path('/faults'),
    { service: 'x', point: 'inbound', type: 'error', ttl_seconds: 3601 },
    headers,
  );
  expect(shape.body.errors.map((error: { field: string }) => error.field)).toEqual(['service', 'ttl_seconds']);
});

it.each([
  ['route', { route: '/api/\0' }],
  ['method', { method: '\ud800' }],
  ['header.name', { header: { name: '\0', value: '' } }],
  ['header.value', { header: { name: 'x-drill', value: '\udfff' } }],
])('a condition that the audit could not keep is named: %s', async (field, match) => {
  const draft = { service: 'inventory-service', point: 'inbound', type: 'error', match };
  const { status, body } = await post(path('/faults'), draft, headers);
  expect([status, body.errors?.[0].field]).toEqual([400, `match.${field}`]);
});

it('every change leaves a row in an audit that cannot be changed', async () => {
  const fault = await chaos().arm({
    service: 'inventory-service',
    point: 'inbound',
    type: 'error',
    created_by: 'ada',
    reason: 'drill 7',
  });
  await chaos().disarm(fault.id);
  await inventory.restock('switch', { restock_id: randomUUID(), quantity: 1 });
  const { items } = (await ask(path('/audit?limit=3'), { headers })).body;
  expect(items.map(({ action, who, why }: Record<string, string>) => [action, who, why])).toEqual([
    ['restock', 'operator', 'goods received'],
    ['disarm', 'operator', 'not given'],
    ['arm', 'ada', 'drill 7'],
  ]);
  const next = await ask(path(`/audit?limit=3&cursor=${items.at(-1).id}`), { headers });
  expect(Number(next.body.items[0].id)).toBeLessThan(Number(items.at(-1).id));
  for (const [cursor, status] of [
    ['9223372036854775807', 200],
    ['9223372036854775808', 400],
    ['9999999999999999999', 400],
  ]) {
    expect([cursor, (await ask(path(`/audit?cursor=${cursor}`), { headers })).status]).toEqual([cursor, status]);
  }
  for (const change of [
    "UPDATE operator_audit SET who = 'x'",
    'DELETE FROM operator_audit',
    'TRUNCATE operator_audit',
  ]) {
    await expect(inventory.rows(change)).rejects.toThrow('append only');
  }
});

it('a fault whose audit row could not be committed is not in force', async () => {
  await inventory.rows(`
    CREATE FUNCTION fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'the disk is gone' USING ERRCODE = 'disk_full'; END $$;
    CREATE CONSTRAINT TRIGGER fail_at_commit AFTER INSERT ON operator_audit DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION fail_at_commit()`);
  try {
    const draft = { service: 'inventory-service', point: 'inbound', type: 'error', reason: 'unrecorded' };
    const { status, body } = await post(path('/faults'), draft, headers);
    expect([status, body.code]).toEqual([503, 'DATABASE_UNAVAILABLE']);
    expect((await chaos().state()).faults).toEqual([]);
    expect((await ask(`${inventory.url}/api/inventory`)).status).toBe(200);
  } finally {
    await inventory.rows('DROP FUNCTION fail_at_commit CASCADE');
  }
  expect(await inventory.rows("SELECT id FROM operator_audit WHERE why = 'unrecorded'")).toEqual([]);
});

it('the failpoints are listed with what they can do', async () => {
  expect((await ask(path('/failpoints'), { headers })).body).toEqual({ items: FAILPOINTS });
});

it.each(['error', 'latency', 'drop-response'] as const)(
  '%s of one order among many hits its line alone',
  async (type) => {
    const commands = [deduction(), deduction(), deduction()];
    const match = { order_id: commands[1]?.order_id as string };
    const params = type === 'latency' ? { latency_ms: 60_000 } : {};
    await chaos().arm({ service: 'inventory-service', point: 'inbound', type, match, params });
    const replies = await sendCommands(inventory.url, commands, 700);
    expect([0, 2].map((n) => replies.get(n))).toEqual([
      expect.objectContaining({ decision: expect.objectContaining({ outcome: 'applied' }) }),
      expect.objectContaining({ decision: expect.objectContaining({ outcome: 'applied' }) }),
    ]);
    if (type === 'error') expect(replies.get(1)).toMatchObject({ error: { status: 500, code: 'INJECTED_FAULT' } });
    else expect(replies.has(1)).toBe(false);
  },
);

it('after-commit: the stock is taken and the answer lost; asking again reads the decision', async () => {
  const before = await inventory.quantity('monitor');
  const command = deduction(randomUUID(), 'monitor');
  await chaos().arm({ service: 'inventory-service', point: 'after-commit', type: 'reset', max_hits: 1 });
  expect((await sendCommands(inventory.url, [command])).size).toBe(0);
  expect(await inventory.quantity('monitor')).toBe(before - 1);
  expect((await sendCommands(inventory.url, [command])).get(0)).toMatchObject({ decision: { outcome: 'applied' } });
  expect(await inventory.quantity('monitor')).toBe(before - 1);
});

it('ledger.before-commit: everything of the batch is rolled back', async () => {
  const before = await inventory.quantity('monitor');
  await chaos().arm({ service: 'inventory-service', point: 'ledger.before-commit', type: 'error', max_hits: 1 });
  const replies = await sendCommands(inventory.url, [deduction(randomUUID(), 'monitor')]);
  expect(replies.get(0)).toMatchObject({ error: { code: 'INJECTED_FAULT' } });
  expect(await inventory.quantity('monitor')).toBe(before);
});

it('a refused PostgreSQL is a 503 for the work; probes, metrics and the switch of chaos are exempt', async () => {
  await chaos().arm({ service: 'inventory-service', point: 'dependency.postgres', type: 'dependency-refuse' });
  const answer = await inventory.deduct(randomUUID(), [{ item_id: 'switch', quantity: 1 }]);
  expect([answer.status, answer.body.code]).toEqual([503, 'DATABASE_UNAVAILABLE']);
  expect((await ask(`${inventory.url}/readyz`)).status).toBe(200);
  await chaos().clear();
  expect((await inventory.deduct(randomUUID(), [{ item_id: 'switch', quantity: 1 }])).status).toBe(200);
});

it('faults at the door spare probes, metrics and the admin API', async () => {
  await chaos().arm({ service: 'inventory-service', point: 'inbound', type: 'error', params: { status: 503 } });
  expect((await ask(`${inventory.url}/api/inventory`)).status).toBe(503);
  for (const exempt of ['/livez', '/readyz', '/health', '/metrics']) {
    expect([exempt, (await ask(`${inventory.url}${exempt}`)).status]).toEqual([exempt, 200]);
  }
});

it('a fault with a condition on the route or a header leaves other requests alone', async () => {
  const match = { method: 'GET', route: '/api/inventory/:item_id', header: { name: 'X-Drill', value: 'yes' } };
  await chaos().arm({ service: 'inventory-service', point: 'inbound', type: 'error', match });
  const drill = { headers: { 'X-Drill': 'yes' } };
  expect((await ask(`${inventory.url}/api/inventory/switch`, drill)).status).toBe(500);
  expect((await ask(`${inventory.url}/api/inventory/switch`)).status).toBe(200);
  expect((await ask(`${inventory.url}/api/inventory`, drill)).status).toBe(200);
});

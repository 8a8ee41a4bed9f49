import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ServiceProcess } from '../../test/support/service-process.ts';
import { deduction, metric, operator, sendCommands } from './chaos-harness.ts';
import { type InventoryHarness, startInventoryService } from './inventory-harness.ts';

let inventory: InventoryHarness;
let replicas: ServiceProcess[];
let urls: string[];

beforeAll(async () => {
  inventory = await startInventoryService();
  replicas = await Promise.all([inventory.startReplica(), inventory.startReplica()]);
  urls = [inventory.url, ...replicas.map(({ url }) => url)];
});
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await inventory.stop();
});
beforeEach(() => operator(inventory.url).clear());

/** Indices of the orders whose line was an injected error, each order sent alone and to the replicas in turn. */
async function hit(orderIds: string[], over: string[], attempt = 1): Promise<number[]> {
  const replies = await Promise.all(
    orderIds.map((id, n) => sendCommands(over[n % over.length] as string, [deduction(id, 'switch', attempt)])),
  );
  return replies.flatMap((reply, n) => {
    const line = reply.get(0);
    return line && 'error' in line && line.error.code === 'INJECTED_FAULT' ? [n] : [];
  });
}

it('the same seed hits the same orders on one replica and on three', async () => {
  const chaos = operator(inventory.url);
  const ids = Array.from({ length: 300 }, () => randomUUID());
  const draft = { service: 'inventory-service', point: 'inbound', type: 'error', percentage: 30, seed: 42 } as const;

  await chaos.arm(draft);
  const onOne = await hit(ids, [inventory.url]);
  const later = await hit(ids, [inventory.url], 2);
  await chaos.clear();
  await chaos.arm(draft);
  const onThree = await hit(ids, urls);
  expect(onThree).toEqual(onOne);
  expect(onOne.length).toBeGreaterThan(60);
  expect(onOne.length).toBeLessThan(120);
  // A retry is decided anew.
  expect(later).not.toEqual(onOne);

  await chaos.clear();
  await chaos.arm({ ...draft, seed: 43 });
  expect(await hit(ids, urls)).not.toEqual(onOne);
});

it('every third of all matches fires, counted over three replicas', async () => {
  await operator(inventory.url).arm({ service: 'inventory-service', point: 'inbound', type: 'error', every_nth: 3 });
  const fired = await hit(
    Array.from({ length: 150 }, () => randomUUID()),
    urls,
  );
  expect(fired.length).toBe(50);
});

it('max_hits is spent once by all replicas together', async () => {
  const chaos = operator(inventory.url);
  const fault = await chaos.arm({ service: 'inventory-service', point: 'inbound', type: 'error', max_hits: 7 });
  expect(
    (
      await hit(
        Array.from({ length: 60 }, () => randomUUID()),
        urls,
      )
    ).length,
  ).toBe(7);
  await expect.poll(() => chaos.fired(fault.id)).toBe(7);
});

it('a pattern of delays is taken in turn over the replicas', async () => {
  await operator(inventory.url).arm({
    service: 'inventory-service',
    point: 'inbound',
    type: 'latency',
    params: { pattern_ms: [0, 400, 0] },
  });
  const slow: boolean[] = [];
  for (let n = 0; n < 6; n++) {
    const start = performance.now();
    await sendCommands(urls[n % 3] as string, [deduction()]);
    slow.push(performance.now() - start >= 400);
  }
  expect(slow).toEqual([false, true, false, false, true, false]);
});

it('a replica that starts later loads what is armed, and says what it has in force', async () => {
  const chaos = operator(inventory.url);
  const fault = await chaos.arm({ service: 'inventory-service', point: 'inbound', type: 'error', percentage: 1 });
  const late = await inventory.startReplica();
  try {
    expect(await metric(late.url, 'chaos_enabled{type="error"}')).toBe(1);
    await expect.poll(async () => (await chaos.state()).faults[0]?.confirmed_by.length).toBe(4);
    expect((await chaos.state()).replicas.every(({ faults }) => faults[0]?.id === fault.id)).toBe(true);
  } finally {
    await late.stop();
  }
});

it('halt clears every replica, latches through a wiped Redis, and re-arming needs a reason', async () => {
  const chaos = operator(inventory.url);
  await chaos.arm({ service: 'inventory-service', point: 'inbound', type: 'error' });
  const enabled = () => Promise.all(urls.map((url) => metric(url, 'chaos_enabled{type="error"}')));
  expect(await enabled()).toEqual([1, 1, 1]);

  await chaos.halt('enough');
  await expect.poll(enabled, { interval: 10 }).toEqual([0, 0, 0]);

  await inventory.redis.flushdb();
  await expect(chaos.arm({ service: 'inventory-service', point: 'inbound', type: 'error' })).rejects.toThrow(
    'CHAOS_HALTED',
  );
  expect((await chaos.state()).halt).toMatchObject({ halted: true, by: 'test', reason: 'enough' });
  await expect(chaos.call('POST', '/rearm', { by: 'test' })).rejects.toThrow('reason');
  await chaos.rearm('next experiment');
  await chaos.arm({ service: 'inventory-service', point: 'inbound', type: 'error' });
  // Within a second of the wipe an arm waits only for replicas that have reported since.
  await expect.poll(enabled, { interval: 10 }).toEqual([1, 1, 1]);
});

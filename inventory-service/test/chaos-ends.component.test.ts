import { randomUUID } from 'node:crypto';
import type { HaltAnswer } from '@valerix/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask } from '../../test/support/http.ts';
import type { ServiceProcess } from '../../test/support/service-process.ts';
import { operator } from './chaos-harness.ts';
import { type InventoryHarness, startInventoryService } from './inventory-harness.ts';

let inventory: InventoryHarness;
let other: ServiceProcess;

beforeEach(async () => {
  inventory = await startInventoryService();
  other = await inventory.startReplica();
});
afterEach(async () => {
  await other.stop();
  await inventory.stop();
});

const HANG = { service: 'inventory-service', point: 'inbound', type: 'hang', match: { method: 'POST' } } as const;
const deduct = (url = inventory.url) =>
  inventory.deduct(randomUUID(), [{ item_id: 'switch', quantity: 1 }], {}, url).catch(() => undefined);
const answersWithin = (url: string, ms: number) =>
  ask(`${url}/livez`, { signal: AbortSignal.timeout(ms) }).then(
    () => true,
    () => false,
  );
/** Far above a second and a slice, far below what a hang lasts that does not look. */
const SOON_MS = 20_000;

async function hangs(url: string): Promise<void> {
  await eventually(async () => {
    if (await answersWithin(url, 400)) throw new Error('it does not hang yet');
  });
}

it('fifty requests that hang end with the fault, not one after another', async () => {
  await operator(other.url).arm({ ...HANG, params: { hang_ms: 5_000 }, ttl_seconds: 2 });
  const requests = Array.from({ length: 50 }, () => deduct());
  await hangs(inventory.url);
  expect(await answersWithin(inventory.url, SOON_MS)).toBe(true);
  const answers = await Promise.all(requests);
  expect(answers.map((answer) => answer?.status)).toEqual(Array(50).fill(200));
}, 60_000);

it.each(['the process that hangs', 'another process'])(
  'a halt sent to %s ends its hang',
  async (to) => {
    await operator(other.url).arm({ ...HANG, params: { hang_ms: 60_000 }, ttl_seconds: 60 });
    const request = deduct();
    await hangs(inventory.url);
    const told = to === 'another process' ? other : inventory;
    const { confirmed_by } = (await operator(told.url).halt('enough')).body as HaltAnswer;
    expect(confirmed_by).toHaveLength(2);
    expect(await answersWithin(inventory.url, SOON_MS)).toBe(true);
    expect((await request)?.status).toBe(200);
  },
  60_000,
);

it('a hang ends when its fault is ended alone', async () => {
  const { id } = await operator(other.url).arm({ ...HANG, params: { hang_ms: 60_000 }, ttl_seconds: 60 });
  const request = deduct();
  await hangs(inventory.url);
  await operator(other.url).disarm(id);
  expect(await answersWithin(inventory.url, SOON_MS)).toBe(true);
  await request;
}, 60_000);

it('a process that was just started is spared by a crash, which takes no hit, unless the interval is set', async () => {
  const crash = { service: 'inventory-service', point: 'inbound', type: 'crash', match: { method: 'POST' } } as const;
  const alive = () => answersWithin(other.url, SOON_MS);
  const fault = await operator(inventory.url).arm({ ...crash, params: { min_interval_ms: 60_000 }, max_hits: 1 });
  expect((await deduct(other.url))?.status).toBe(200);
  expect([await operator(inventory.url).fired(fault.id), await alive()]).toEqual([0, true]);
  await operator(inventory.url).clear();
  await operator(inventory.url).arm({ ...crash, params: { min_interval_ms: 0 }, max_hits: 1 });
  expect(await deduct(other.url)).toBeUndefined();
  expect(await alive()).toBe(false);
}, 60_000);

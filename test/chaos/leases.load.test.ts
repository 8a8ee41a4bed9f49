import { setTimeout as sleep } from 'node:timers/promises';
import { type Stack, startStack } from '@valerix/local-stack';
import { MANDATORY_KEYS } from '@valerix/system';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { chaosClient, type Draft } from '../support/chaos-client.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/http.ts';

let stack: Stack;
/** The replica of inventory that takes the operator's orders, and dies of it. */
const SETTER = 'inventory-service-2';
const TTL_SECONDS = 3;

beforeAll(async () => {
  stack = await startStack({ services: MANDATORY_KEYS, replicas: { order: 2, inventory: 2 } });
});
afterAll(() => stack?.stop());
beforeEach(everyReplicaObeys);
afterEach(() => stack.redis.start());

const client = (replica: number) => chaosClient(stack, stack.services.inventory.urls[replica] as string);
const DRAFTS: Draft[] = [
  { service: 'inventory-service', point: 'after-commit', type: 'error', ttl_seconds: TTL_SECONDS },
  { service: 'order-service', point: 'outbound', type: 'error', ttl_seconds: TTL_SECONDS },
];

/** How many faults are in force, by what each live process itself says in `/metrics`. */
async function inForce(): Promise<number> {
  const urls = [...stack.services.order.urls, ...stack.services.inventory.urls];
  const counts = await Promise.all(urls.map((url) => enabledAt(url)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function enabledAt(url: string): Promise<number> {
  const answer = await ask(`${url}/metrics`, { signal: AbortSignal.timeout(500) }).catch(() => undefined);
  const lines = answer?.text.match(/^chaos_enabled\{.*\} \d+$/gm) ?? [];
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** A replica that lost Redis takes its time to trust it again; a test starts when all four do what they are told. */
async function everyReplicaObeys(): Promise<void> {
  await eventually(() => client(0).clear());
  for (const draft of DRAFTS) await client(0).arm({ ...draft, ttl_seconds: 60 });
  await eventually(async () => expect(await inForce()).toBe(4));
  await client(0).clear();
  await cleanWithin(1_000);
}

async function armEverywhere(setter: number, change: Partial<Draft> = {}): Promise<void> {
  for (const draft of DRAFTS) await client(setter).arm({ ...draft, ...change });
  expect(await inForce()).toBe(4);
}

const cleanWithin = (ms: number) =>
  eventually(async () => {
    const count = await inForce();
    if (count > 0) throw new Error(`${count} faults are still in force`);
  }, ms);

it('kill -9 of whoever set the faults: they go on, and every replica is clean at expiry + 1 s', async () => {
  const armed = performance.now();
  await armEverywhere(1);
  await stack.process(SETTER).hold();
  expect(await inForce()).toBe(3);
  await cleanWithin(TTL_SECONDS * 1_000 + 1_000 - (performance.now() - armed));
  expect(performance.now() - armed).toBeGreaterThan(TTL_SECONDS * 1_000 - 500);
  await stack.process(SETTER).start();
});

it('kill -9 of Redis: nobody could hear of a halt, so every replica is clean within a second', async () => {
  await armEverywhere(0);
  const killed = performance.now();
  await stack.redis.hold();
  await cleanWithin(2_000);
  const took = performance.now() - killed;
  console.log(`clean ${Math.round(took)} ms after the death of Redis`);
  expect(took).toBeLessThan(1_000);
});

it('kill -9 of Redis and of the setter together: every replica is clean at expiry + 1 s', async () => {
  const armed = performance.now();
  await armEverywhere(1);
  await Promise.all([stack.redis.hold(), stack.process(SETTER).hold()]);
  await cleanWithin(TTL_SECONDS * 1_000 + 1_000 - (performance.now() - armed));
  await stack.redis.start();
  await stack.process(SETTER).start();
});

it('halt holds on every replica within a second', async () => {
  await armEverywhere(0);
  const start = performance.now();
  await client(1).halt('enough');
  await cleanWithin(1_000);
  console.log(`clean ${Math.round(performance.now() - start)} ms after the halt was sent`);
  await client(0).rearm('next');
});

it('a halt while Redis is away holds when it comes back with the faults it had', async () => {
  await armEverywhere(0, { ttl_seconds: 60 });
  const start = performance.now();
  await stack.redis.hold();
  await expect(client(0).halt('Redis is away')).rejects.toThrow('HALTED_HERE_ONLY');
  await cleanWithin(1_000 - Math.min(900, performance.now() - start));
  await stack.redis.start();
  // Longer than a replica waits before it trusts a Redis that was away.
  for (const end = performance.now() + 2_000; performance.now() < end; await sleep(50)) expect(await inForce()).toBe(0);
  expect((await client(1).state()).halt).toMatchObject({ halted: true, reason: 'Redis is away' });
  await eventually(() => client(0).rearm('next'));
});

it('a halt while Redis is away too shortly to be missed ends the faults at once where it was asked for, and for good', async () => {
  await armEverywhere(0, { ttl_seconds: 60 });
  await stack.redis.hold();
  const halted = performance.now();
  await expect(client(0).halt('a blink')).rejects.toThrow('HALTED_HERE_ONLY');
  await stack.redis.start();
  const here = stack.services.inventory.urls[0] as string;
  for (; performance.now() - halted < 2_500; await sleep(20)) expect(await enabledAt(here)).toBe(0);
  expect(await inForce()).toBe(0);
  await eventually(() => client(0).rearm('next'));
});

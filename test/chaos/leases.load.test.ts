import { setTimeout as sleep } from 'node:timers/promises';
import { type Stack, startStack } from '@valerix/local-stack';
import { MANDATORY_KEYS } from '@valerix/system';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { chaosClient, type Draft } from '../support/chaos-client.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/http.ts';
import { makeWhole } from '../support/make-whole.ts';

let stack: Stack;
/** The replica of inventory that takes the operator's orders, and dies of it. */
const SETTER = 'inventory-service-2';
/** Of the faults that are to end by expiry. The others outlive their test: what ends them is not their expiry. */
const TTL_SECONDS = 5;
/** How late a busy machine may be. `make bench-halts` measures how soon a halt holds. */
const LATE_MS = 5_000;

beforeAll(async () => {
  stack = await startStack({ services: MANDATORY_KEYS, replicas: { order: 2, inventory: 2 } });
});
afterAll(() => stack?.stop());
beforeEach(everyReplicaObeys);

const client = (replica: number) => chaosClient(stack, stack.services.inventory.urls[replica] as string);
const DRAFTS: Draft[] = [
  { service: 'inventory-service', point: 'after-commit', type: 'error', ttl_seconds: 60 },
  { service: 'order-service', point: 'outbound', type: 'error', ttl_seconds: 60 },
];

/** How many faults are in force, by what each live process itself says in `/metrics`. */
async function inForce(): Promise<number> {
  const urls = [...stack.services.order.urls, ...stack.services.inventory.urls];
  const counts = await Promise.all(urls.map((url) => enabledAt(url)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A dead process has none. A slow one is waited for. */
async function enabledAt(url: string): Promise<number> {
  const answer = await ask(`${url}/metrics`).catch((error: Error) => {
    if (error.name === 'TimeoutError') throw error;
  });
  const lines = answer?.text.match(/^chaos_enabled\{.*\} \d+$/gm) ?? [];
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** A replica that lost Redis takes its time to trust it again; a test starts when all four do what they are told. */
async function everyReplicaObeys(): Promise<void> {
  await makeWhole(stack);
  await armEverywhere(0);
  await client(0).clear();
  await clean();
}

async function armEverywhere(setter: number, change: Partial<Draft> = {}): Promise<void> {
  for (const draft of DRAFTS) await client(setter).arm({ ...draft, ...change });
  await eventually(async () => expect(await inForce()).toBe(4));
}

const clean = (withinMs = LATE_MS) =>
  eventually(async () => {
    const count = await inForce();
    if (count > 0) throw new Error(`${count} faults are still in force`);
  }, withinMs);

/** Waits until the faults armed at `armed` have ended, and checks that they did at their expiry. */
async function cleanAtExpiry(armed: number): Promise<void> {
  const age = () => performance.now() - armed;
  await clean(TTL_SECONDS * 1_000 + LATE_MS - age());
  expect(age()).toBeGreaterThan(TTL_SECONDS * 1_000 - 500);
}

it('kill -9 of whoever set the faults: they go on, and every replica is clean at expiry', async () => {
  const armed = performance.now();
  await armEverywhere(1, { ttl_seconds: TTL_SECONDS });
  await stack.process(SETTER).hold();
  expect(await inForce()).toBe(3);
  await cleanAtExpiry(armed);
});

it('kill -9 of Redis: nobody could hear of a halt, so no replica waits for the expiry', async () => {
  await armEverywhere(0);
  const killed = performance.now();
  await stack.redis.hold();
  await clean();
  console.log(`clean ${Math.round(performance.now() - killed)} ms after the death of Redis`);
});

it('kill -9 of Redis and of the setter together: every replica is clean at the latest at expiry', async () => {
  await armEverywhere(1, { ttl_seconds: TTL_SECONDS });
  await Promise.all([stack.redis.hold(), stack.process(SETTER).hold()]);
  await clean(TTL_SECONDS * 1_000 + LATE_MS);
});

it('halt holds on every replica', async () => {
  await armEverywhere(0);
  const start = performance.now();
  await client(1).halt('enough');
  await clean();
  console.log(`clean ${Math.round(performance.now() - start)} ms after the halt was sent`);
});

it('a halt while Redis is away holds when it comes back with the faults it had', async () => {
  await armEverywhere(0);
  await stack.redis.hold();
  await expect(client(0).halt('Redis is away')).rejects.toThrow('HALTED_HERE_ONLY');
  await clean();
  await stack.redis.start();
  // Longer than a replica waits before it trusts a Redis that was away.
  for (const end = performance.now() + 2_000; performance.now() < end; await sleep(50)) expect(await inForce()).toBe(0);
  await eventually(async () =>
    expect((await client(1).state()).halt).toMatchObject({ halted: true, reason: 'Redis is away' }),
  );
});

it('a halt while Redis is away too shortly to be missed ends the faults at once where it was asked for, and for good', async () => {
  await armEverywhere(0);
  await stack.redis.hold();
  const halted = performance.now();
  await expect(client(0).halt('a blink')).rejects.toThrow('HALTED_HERE_ONLY');
  await stack.redis.start();
  const here = stack.services.inventory.urls[0] as string;
  for (; performance.now() - halted < 2_500; await sleep(20)) expect(await enabledAt(here)).toBe(0);
  await clean();
});

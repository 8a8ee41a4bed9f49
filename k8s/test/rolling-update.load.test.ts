import { setTimeout as sleep } from 'node:timers/promises';
import { checkDatabases } from '@valerix/gameday/checker';
import { type Stack, startStack } from '@valerix/local-stack';
import { MANDATORY_KEYS } from '@valerix/system';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLoad } from '../../test/support/load.ts';
import { restockAll } from '../../test/support/restock.ts';
import { RoundRobinProxy } from './round-robin-proxy.ts';

const RATE = 200;
/** How long after SIGTERM the last node forgets the pod: new connections reach it until then. */
const FORGOTTEN_AFTER_MS = 1_000;

let stack: Stack;
let orders: RoundRobinProxy;
let inventory: RoundRobinProxy;

beforeAll(async () => {
  [orders, inventory] = await Promise.all([RoundRobinProxy.start(), RoundRobinProxy.start()]);
  const SHUTDOWN_DELAY_MS = String(2 * FORGOTTEN_AFTER_MS);
  stack = await startStack({
    services: MANDATORY_KEYS,
    replicas: { order: 2, inventory: 2 },
    env: { order: { INVENTORY_URL: inventory.url, SHUTDOWN_DELAY_MS }, inventory: { SHUTDOWN_DELAY_MS } },
    restart: false,
  });
  for (const url of stack.services.order.urls) orders.add(url);
  for (const url of stack.services.inventory.urls) inventory.add(url);
});

afterAll(async () => {
  await stack?.stop();
  await Promise.all([orders?.stop(), inventory?.stop()]);
});

/** As Kubernetes replaces a pod, save that it starts the new one only now: with one pod less, which is harder. */
async function replace(name: string, service: RoundRobinProxy): Promise<void> {
  const pod = stack.process(name);
  const forgotten = sleep(FORGOTTEN_AFTER_MS).then(() => service.remove(pod.url));
  await Promise.all([pod.stop(), forgotten]);
  await pod.start();
  await pod.untilReady();
  service.add(pod.url);
}

it('every pod is replaced under load, and no request fails', async () => {
  // Enough for the whole load: an order that is refused would not cross both services' commit points.
  await restockAll(inventory.url, stack.operatorToken, 10_000);
  const load = startLoad([orders.url], { rate: RATE, oneTry: true });
  await sleep(1_000);
  for (const name of ['order-service', 'order-service-2']) await replace(name, orders);
  for (const name of ['inventory-service', 'inventory-service-2']) await replace(name, inventory);
  await sleep(1_000);
  const operations = await load.stop();
  const statuses = operations.flatMap(({ answers }) => answers.map(({ status }) => status));

  // Confirmed, or queued and confirmed later: each was answered at its first try.
  expect(operations.flatMap(({ troubles }) => troubles)).toEqual([]);
  expect(statuses).not.toContain(422);
  expect(statuses.filter((status) => status === 201).length).toBeGreaterThan(RATE);
  for (const name of ['order-service', 'order-service-2', 'inventory-service', 'inventory-service-2']) {
    expect(stack.logs(name), name).not.toMatch(/took too long|a step of the stop failed/);
    expect(stack.logs(name), name).toContain('"msg":"stopped"');
  }
  expect(await checkDatabases(stack)).toEqual([]);
});

import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type FreshDatabase, freshDatabase, freshRedis, templateName } from '@valerix/local-stack/testing';
import { declaration, SERVICE_KEYS, type ServiceKey, urlVariable } from '@valerix/system';
import { afterEach, expect, inject, it } from 'vitest';
import { metric } from '../inventory-service/test/chaos-harness.ts';
import { freePort } from '../k8s/test/free-port.ts';
import { chaosClient } from './support/chaos-client.ts';
import { CONTAINER, inContainer, killContainer, pidsOf } from './support/container.ts';
import { eventually } from './support/eventually.ts';
import { ask, placeOrder } from './support/http.ts';
import { type ServiceProcess, startService, TOKEN } from './support/service-process.ts';

const started: ServiceProcess[] = [];
const databases: FreshDatabase[] = [];

afterEach(async () => {
  for (const service of started.splice(0)) {
    if (service.running()) killContainer(service.pid);
    await service.stop();
  }
  for (const database of databases.splice(0)) await database.drop();
});

/** A service as its image starts it. Its port is the same after a restart. */
async function contain(key: ServiceKey, env: Record<string, string> = {}): Promise<ServiceProcess> {
  const database = await freshDatabase(inject('postgresUrl'), templateName(key));
  databases.push(database);
  const settings = {
    ...Object.fromEntries(SERVICE_KEYS.map((other) => [urlVariable(other), 'http://127.0.0.1:9'])),
    DATABASE_URL: database.url,
    REDIS_URL: await freshRedis(inject('redisUrl')),
    PORT: String(await freePort()),
    REPLICA: `${key}-in-a-container`,
    ...env,
  };
  const service = await startService(declaration(key).name, settings, undefined, CONTAINER);
  started.push(service);
  return service;
}

/** Arms a crash at the door of a service, and knocks until the process has died of it and is back. */
async function crash(key: ServiceKey, url: string, knock: () => Promise<unknown>): Promise<void> {
  const chaos = chaosClient({ operatorToken: TOKEN }, url);
  const startTime = () => metric(url, 'process_start_time_seconds');
  const before = await startTime();
  // Two seconds: the metric counts whole ones.
  const draft = {
    point: 'inbound',
    type: 'crash',
    match: { method: 'POST' },
    params: { min_interval_ms: 2_000 },
  } as const;
  await chaos.arm({ service: declaration(key).name, ...draft, max_hits: 1 });
  await eventually(async () => {
    await knock().catch(() => {});
    expect(await startTime()).toBeGreaterThan(before as number);
  });
}

it.each(SERVICE_KEYS)('%s in a container dies of a crash, and its parent starts it again', async (key) => {
  const { url, pid, running } = await contain(key);
  const [processOne, first] = pidsOf(pid);
  await crash(key, url, () => ask(`${url}/api/nothing`, { method: 'POST' }));
  const [same, second] = pidsOf(pid);
  expect([same, running()]).toEqual([processOne, true]);
  expect(second).not.toBe(first);
});

it('orders go on while the inventory service crashes in its container', async () => {
  const inventory = await contain('inventory');
  const order = await contain('order', { INVENTORY_URL: inventory.url, SWEEP_INTERVAL_MS: '200' });
  const keys: string[] = [];
  const place = async () => {
    const key = randomUUID();
    const { status } = await placeOrder(order.url, { item_id: 'switch', quantity: 1 }, key);
    expect([201, 202]).toContain(status);
    keys.push(key);
  };
  await crash('inventory', inventory.url, place);
  await eventually(async () => {
    const found = await Promise.all(keys.map((key) => ask(`${order.url}/api/orders?idempotency_key=${key}`)));
    for (const { body } of found) expect(body.items).toMatchObject([{ status: 'confirmed' }]);
  });
});

it('SIGTERM to process 1 stops the service in order, also after a crash', async () => {
  const service = await contain('inventory');
  await crash('inventory', service.url, () => ask(`${service.url}/api/nothing`, { method: 'POST' }));
  process.kill(pidsOf(service.pid)[0], 'SIGTERM');
  expect(await service.ended).toBe(0);
  expect(service.lines.at(-1)).toContain('"msg":"stopped"');
});

it('a SIGKILL from outside, as the kernel sends when memory is short, ends the container', async () => {
  const service = await contain('inventory');
  process.kill(pidsOf(service.pid)[1], 'SIGKILL');
  expect(await service.ended).toBe(137);
});

it.each([
  ['a plain exit', {}, 'process.exit(7)', 7],
  ['the end of a process that another signal killed', {}, 'process.kill(process.pid, "SIGHUP")', 129],
  ['the same with CHAOS=off, where no parent is left', { CHAOS: 'off' }, 'process.exit(7)', 7],
])('a container ends with the code of %s', (_end, env, code, status) => {
  const [program = '', ...words] = inContainer(process.execPath, '-e', code);
  expect(spawnSync(program, words, { env: { PATH: process.env.PATH, ...env } }).status).toBe(status);
});

it('with CHAOS=off the service itself is process 1', () => {
  const run = (CHAOS: string) => {
    const [program = '', ...words] = inContainer('/bin/sh', '-c', 'echo $PPID');
    return Number(spawnSync(program, words, { env: { PATH: process.env.PATH, CHAOS }, encoding: 'utf8' }).stdout);
  };
  expect(run('on')).not.toBe(run('off'));
});

import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES } from '@valerix/system';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type InventoryHarness, startInventoryService } from '../inventory-service/test/inventory-harness.ts';
import { type OrderHarness, startOrderService } from '../order-service/test/order-harness.ts';
import { ask, placeOrder } from './support/http.ts';
import { TOKEN } from './support/service-process.ts';

let folder: string;
let inventory: InventoryHarness;
let order: OrderHarness;
const loadedBy = (service: string) => readFileSync(join(folder, service), 'utf8').split('\n').filter(Boolean);

/** A module that writes down, before the service starts, which modules of the kit's chaos it loads. */
const WATCH = `
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
appendFileSync(process.env.LOADED, '');
registerHooks({ load(url, context, next) {
  const name = /service-kit\\/src\\/chaos\\/(.+)$/.exec(url)?.[1];
  if (name) appendFileSync(process.env.LOADED, name + '\\n');
  return next(url, context);
} });`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'valerix-chaos-off-'));
  const watch = join(folder, 'watch.mjs');
  writeFileSync(watch, WATCH);
  const env = (service: string) => ({
    CHAOS: 'off',
    NODE_OPTIONS: `--import=${watch}`,
    LOADED: join(folder, service),
  });
  inventory = await startInventoryService(env('inventory'));
  order = await startOrderService({ ...env('order'), INVENTORY_URL: inventory.url });
});
afterAll(async () => {
  await order?.stop();
  await inventory?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('with CHAOS=off a service loads only the decorators, which leave each step as it is', () => {
  expect(loadedBy('inventory')).toEqual(['wrap.ts']);
  expect(loadedBy('order').sort()).toEqual(['injected.ts', 'keys.ts', 'wrap.ts']);
});

it.each([
  ['GET', ''],
  ['POST', ''],
  ['DELETE', ''],
  ['POST', '/faults'],
  ['POST', '/halt'],
  ['GET', '/audit'],
])('with CHAOS=off %s /api/admin/chaos%s is not found, with or without the token', async (method, path) => {
  for (const { url } of [inventory, order]) {
    for (const headers of [{}, { Authorization: `Bearer ${TOKEN}` }]) {
      const { status, body } = await ask(`${url}/api/admin/chaos${path}`, { method, headers });
      expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
    }
  }
});

it('with CHAOS=off orders are confirmed, and nothing of chaos is in Redis, in the metrics or connected', async () => {
  expect((await placeOrder(order.url, { item_id: 'switch', quantity: 1 }, randomUUID())).status).toBe(201);
  expect(await inventory.redis.keys('valerix:chaos:*')).toEqual([]);
  for (const { url } of [inventory, order]) expect((await ask(`${url}/metrics`)).text).not.toContain('chaos_');
  const [{ n }] = (await inventory.rows(
    `SELECT count(*)::int AS n FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = '${SERVICES.inventory.name} chaos'`,
  )) as [{ n: number }];
  expect(n).toBe(0);
});

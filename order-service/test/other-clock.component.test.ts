import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder } from '../../test/support/http.ts';
import type { ServiceProcess } from '../../test/support/service-process.ts';
import { type OrderHarness, startOrderService } from './order-harness.ts';

const ps5 = { item_id: 'ps5', quantity: 1 };
const preload = import.meta.resolve('../../test/support/other-clock.ts');
const MINUTES_MS = 60_000;

describe.each([10, -10])('a replica whose clock is %i minutes ahead', (minutes) => {
  let shop: OrderHarness;
  let replica: ServiceProcess;
  beforeAll(async () => {
    shop = await startOrderService();
    replica = await shop.startReplica({
      NODE_OPTIONS: `--import ${preload}`,
      CLOCK_AHEAD_MS: String(minutes * MINUTES_MS),
    });
  });
  afterAll(() => shop.stop());

  it("gives its orders the database's time, and lists keep the order in which they were placed", async () => {
    const ids: string[] = [];
    for (const url of [shop.url, replica.url, shop.url, replica.url]) {
      // As exact as the correction is on a busy machine.
      await sleep(500);
      const { status, body } = await placeOrder(url, ps5);
      expect(status).toBe(201);
      ids.push(body.order.order_id);
      expect(Math.abs(Date.parse(body.order.created_at) - Date.now())).toBeLessThan(MINUTES_MS);
      expect(Math.abs(Date.parse(body.order.updated_at) - Date.now())).toBeLessThan(MINUTES_MS);
    }
    const { body } = await ask(`${shop.url}/api/orders`);
    expect(body.items.map((order: { order_id: string }) => order.order_id)).toEqual(ids.toReversed());
  });

  it('says so in its metrics and in /health, and stays in service', async () => {
    await eventually(async () => {
      const [, value] = /^clock_skew_seconds (\S+)$/m.exec((await ask(`${replica.url}/metrics`)).text) ?? [];
      expect(Math.abs(Number(value) - minutes * 60)).toBeLessThan(5);
    });
    const { status, body } = await ask(`${replica.url}/health`);
    expect([status, body.status, body.checks.clock.status]).toEqual([200, 'degraded', 'degraded']);
    expect((await ask(`${replica.url}/readyz`)).status).toBe(200);
    expect((await ask(`${shop.url}/health`)).body.checks.clock.status).toBe('up');
  });
});

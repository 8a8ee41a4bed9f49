import { randomUUID } from 'node:crypto';
import { createLogger } from '@valerix/service-kit/logger';
import { createRegistry } from '@valerix/service-kit/metrics';
import { createPool } from '@valerix/service-kit/postgres';
import { expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { freshPool } from '../../test/support/fresh-pool.ts';
import { placeOrder } from '../../test/support/http.ts';
import { createMetrics } from '../src/metrics.ts';
import { createOrderStore } from '../src/order-store.ts';
import { holdOwnership } from '../src/owner-store.ts';
import { newOrder } from './new-order.ts';
import { startOrderService } from './order-harness.ts';

/** Far longer than a test: what is taken over before was not taken over because its lease ran out. */
const LEASE_MS = 600_000;
const ps5 = { item_id: 'ps5', quantity: 1 };

it('a retry after a kill gets its answer from the process that came back, long before the lease ends', async () => {
  const shop = await startOrderService({ LEASE_MS: String(LEASE_MS), INVENTORY_DEADLINE_MS: '60000' });
  try {
    shop.inventory.become('hang');
    const key = randomUUID();
    const lost = placeOrder(shop.url, ps5, key).catch(() => 'no answer');
    await eventually(async () =>
      expect(await shop.rows('SELECT 1 FROM orders WHERE owner IS NOT NULL')).toHaveLength(1),
    );
    await shop.service.kill('SIGKILL');
    expect(await lost).toBe('no answer');
    shop.inventory.become('apply');
    const back = await shop.startReplica();
    await eventually(async () => expect((await placeOrder(back.url, ps5, key)).status).toBe(201));
    expect(await shop.rows('SELECT status, owner FROM orders')).toEqual([{ status: 'confirmed', owner: null }]);
  } finally {
    await shop.stop();
  }
});

it('orders of a living owner are left to it, and are due once it is dead', async () => {
  const { pool, drop } = await freshPool('order_template', 3);
  const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
  const metrics = createMetrics(createRegistry());
  const url = pool.options.connectionString as string;
  const ownership = holdOwnership(createPool({ url, service: 'owner', max: 1, logger }), logger);
  const limits = { pool, metrics, leaseMs: LEASE_MS, maxBatch: 10, maxWaiting: 10 };
  const living = createOrderStore({ ...limits, owner: ownership.owner });
  const other = createOrderStore(limits);
  try {
    await eventually(() => expect(ownership.owner()).not.toBeNull());
    const [held, unowned] = [newOrder(), newOrder()];
    await living.create(held);
    await other.create(unowned);
    await other.releaseDead();
    expect(await other.claim(10)).toEqual([]);

    await ownership.stop();
    await eventually(async () => {
      await other.releaseDead();
      expect((await other.claim(10)).map(({ order_id }) => order_id)).toEqual([held.order_id]);
    });
  } finally {
    await drop();
  }
});

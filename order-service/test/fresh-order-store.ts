import { createRegistry } from '@valerix/service-kit/metrics';
import { freshPool } from '../../test/support/fresh-pool.ts';
import { createMetrics } from '../src/metrics.ts';
import { createOrderStore } from '../src/order-store.ts';

/** The store of orders over a database of the test's own, without a service around it. */
export async function freshOrderStore({ leaseMs = 1_000, maxBatch = 10 } = {}) {
  const { pool, drop } = await freshPool('order_template', 2);
  const metrics = createMetrics(createRegistry());
  /** As another replica has it, over the same rows. */
  const newStore = () => createOrderStore({ pool, metrics, leaseMs, maxBatch, maxWaiting: maxBatch });
  return { pool, drop, newStore, orders: newStore() };
}

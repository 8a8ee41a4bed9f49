import { createLogger } from '@valerix/service-kit/logger';
import { createRegistry } from '@valerix/service-kit/metrics';
import { expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { watchQueue } from '../src/manage-queue.ts';
import { createMetrics } from '../src/metrics.ts';

it('a database that is away shows, and the depth of the queue stays what it was', async () => {
  const registry = createRegistry();
  let away = false;
  const queueState = async () => {
    if (away) throw new Error('connect ECONNREFUSED');
    return { depth: 3, oldest_age_seconds: 4, dead_lettered: 0 };
  };
  const logger = createLogger({ service: 'order-service', replica: 'test', level: 'fatal' });
  const watch = watchQueue({ reads: { queueState }, metrics: createMetrics(registry), logger, intervalMs: 5 });
  try {
    await eventually(async () => expect(await registry.metrics()).toContain('\ndb_up 1'));
    away = true;
    await eventually(async () => expect(await registry.metrics()).toContain('\ndb_up 0'));
    expect(await registry.metrics()).toContain('\norder_queue_depth 3');
  } finally {
    await watch.stop();
  }
});

import { createLogger } from '@valerix/service-kit/logger';
import { createRegistry } from '@valerix/service-kit/metrics';
import { expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { createManageQueue, watchQueue } from '../src/manage-queue.ts';
import { createMetrics } from '../src/metrics.ts';

it('keeps the last depth of the queue while the database is away', async () => {
  const registry = createRegistry();
  let away = false;
  let asked = 0;
  const state = async () => {
    asked++;
    if (away) throw new Error('connect ECONNREFUSED');
    return { queue: { depth: 3, oldest_age_seconds: 4, dead_lettered: 0, stream_length: 0 }, dead_letters: [] };
  };
  const logger = createLogger({ service: 'order-service', replica: 'test', level: 'fatal' });
  const watch = watchQueue({ manageQueue: { state }, metrics: createMetrics(registry), logger, intervalMs: 5 });
  try {
    await eventually(async () => expect(await registry.metrics()).toContain('\norder_queue_depth 3'));
    away = true;
    const before = asked;
    await eventually(() => expect(asked).toBeGreaterThan(before + 2));
    expect(await registry.metrics()).toContain('\norder_queue_depth 3');
  } finally {
    await watch.stop();
  }
});

it('counts the queue once for all who ask, and again after a redrive', async () => {
  let counted = 0;
  const { state, redriveMany } = createManageQueue({
    orders: { redrive: async () => 1 },
    reads: {
      find: async () => undefined,
      queueState: async () => ({ depth: ++counted, oldest_age_seconds: 0, dead_lettered: 0 }),
      deadLetters: async () => [],
    },
    queue: { length: async () => 0, push: () => {} },
  });
  await Promise.all(Array.from({ length: 300 }, state));
  expect((await state()).queue.depth).toBe(1);
  await redriveMany({ all: true, limit: 10 }, { who: 'operator', principal: 'operator-token' }, 'request');
  expect((await state()).queue.depth).toBe(2);
});

import type { QueueState, RedriveBody } from '@valerix/contracts';
import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import { type StoredOrder, toWire } from './answers.ts';
import { problem } from './errors.ts';
import type { FallbackQueue } from './fallback-queue.ts';
import type { Metrics } from './metrics.ts';
import type { OrderReadsStore } from './order-reads-store.ts';
import type { OrderStore } from './order-store.ts';

export interface ManageQueueDeps {
  orders: Pick<OrderStore, 'redrive'>;
  reads: Pick<OrderReadsStore, 'find' | 'queueState' | 'deadLetters'>;
  queue: Pick<FallbackQueue, 'length' | 'push'>;
}

/** The operator's view of the queue, and the redrives. */
export function createManageQueue({ orders, reads, queue }: ManageQueueDeps) {
  return {
    async state(): Promise<QueueState> {
      const [state, deadLetters, length] = await Promise.all([
        reads.queueState(),
        reads.deadLetters(100),
        queue.length(),
      ]);
      return { queue: { ...state, stream_length: length }, dead_letters: deadLetters.map(toWire) };
    },

    /** Requeues a dead letter with a new set of attempts. @throws NOT_FOUND, NOT_DEAD_LETTERED */
    async redrive(id: string, requestId: string): Promise<StoredOrder> {
      const revived = await orders.redrive({ order_ids: [id], limit: 1 }, requestId);
      const order = await reads.find(id);
      if (!order) throw problem('NOT_FOUND', `There is no order ${id}.`);
      if (revived === 0) throw problem('NOT_DEAD_LETTERED', `The order is ${order.status} and no dead letter.`);
      queue.push(id);
      return order;
    },

    /** Requeues many dead letters, oldest first; the next sweep claims them. */
    async redriveMany(which: RedriveBody, requestId: string): Promise<{ redriven: number; more: boolean }> {
      const redriven = await orders.redrive(which, requestId);
      return { redriven, more: redriven === which.limit };
    },
  };
}

/** Updates the queue's gauges every `intervalMs`, so that a scrape never waits for the database. */
export function watchQueue(deps: {
  reads: Pick<OrderReadsStore, 'queueState'>;
  metrics: Metrics;
  logger: Logger;
  intervalMs: number;
}) {
  return repeat(deps.intervalMs, async () => {
    try {
      const state = await deps.reads.queueState();
      deps.metrics.queueDepth.set(state.depth);
      deps.metrics.queueAge.set(state.oldest_age_seconds);
      deps.metrics.deadLettered.set(state.dead_lettered);
      deps.metrics.databaseUp.set(1);
    } catch (error) {
      deps.metrics.databaseUp.set(0);
      // Keep the last numbers: without them, an alert about a stuck queue would end because the database is away.
      deps.logger.debug({ err: error }, 'the queue could not be read for the metrics');
    }
  });
}

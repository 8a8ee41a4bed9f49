import type { QueueState, RedriveBody } from '@valerix/contracts';
import type { Actor } from '@valerix/service-kit/identity/principal';
import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import { shared } from '@valerix/service-kit/shared';
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

/** How old the state of the queue may be. */
const KEEP_STATE_MS = 1_000;

export type ManageQueue = ReturnType<typeof createManageQueue>;

/** The operator's view of the queue, and the redrives. */
export function createManageQueue({ orders, reads, queue }: ManageQueueDeps) {
  const state = shared(KEEP_STATE_MS, async (): Promise<QueueState> => {
    const [counts, deadLetters, length] = await Promise.all([
      reads.queueState(),
      reads.deadLetters(100),
      queue.length(),
    ]);
    return { queue: { ...counts, stream_length: length }, dead_letters: deadLetters.map(toWire) };
  });

  /** Those who ask after a redrive see it. */
  async function redrive(which: RedriveBody, actor: Actor, requestId: string): Promise<number> {
    const redriven = await orders.redrive(which, actor, requestId);
    state.forget();
    return redriven;
  }

  return {
    /** At most a second old: however many ask, the orders are counted once a second. */
    state: state.read,

    /** Requeues a dead letter with a new set of attempts. @throws NOT_FOUND, NOT_DEAD_LETTERED */
    async redrive(id: string, actor: Actor, requestId: string): Promise<StoredOrder> {
      const revived = await redrive({ order_ids: [id], limit: 1 }, actor, requestId);
      const order = await reads.find(id);
      if (!order) throw problem('NOT_FOUND', `There is no order ${id}.`);
      if (revived === 0) throw problem('NOT_DEAD_LETTERED', `The order is ${order.status} and no dead letter.`);
      queue.push(id);
      return order;
    },

    /** Requeues many dead letters, oldest first; the next sweep claims them. */
    async redriveMany(
      which: RedriveBody,
      actor: Actor,
      requestId: string,
    ): Promise<{ redriven: number; more: boolean }> {
      const redriven = await redrive(which, actor, requestId);
      return { redriven, more: redriven === which.limit };
    },
  };
}

/** Updates the queue's gauges every `intervalMs`, so that a scrape never waits for the database. */
export function watchQueue(deps: {
  manageQueue: Pick<ManageQueue, 'state'>;
  metrics: Metrics;
  logger: Logger;
  intervalMs: number;
}) {
  return repeat(deps.intervalMs, async () => {
    try {
      const { queue: state } = await deps.manageQueue.state();
      deps.metrics.queueDepth.set(state.depth);
      deps.metrics.queueAge.set(state.oldest_age_seconds);
      deps.metrics.deadLettered.set(state.dead_lettered);
    } catch (error) {
      // Keep the last numbers: without them, an alert about a stuck queue would end because the database is away.
      deps.logger.debug({ err: error }, 'the queue could not be read for the metrics');
    }
  });
}

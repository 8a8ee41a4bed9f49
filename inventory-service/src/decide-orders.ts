import { createBatcher } from '@valerix/service-kit/batcher';
import type { Deadline } from '@valerix/service-kit/deadline';
import { isRowError } from '@valerix/service-kit/postgres';
import type { Decision, StockCommand } from './decide.ts';
import { problem } from './errors.ts';
import type { InventoryStore } from './inventory-store.ts';
import type { Metrics } from './metrics.ts';

export interface DecideOrdersDeps {
  store: Pick<InventoryStore, 'decideBatch'>;
  metrics: Metrics;
  maxBatch: number;
  maxWaiting: number;
}

/** Answers one command with its decision, after the decision is committed. */
export type DecideOrder = (command: StockCommand, deadline: Deadline) => Promise<Decision>;

/**
 * Decides commands that wait at the same time in one transaction, so a hot item costs one lock per batch, not one per order.
 * @throws DEADLINE_EXCEEDED before the database is touched, OVERLOADED if too many commands wait (I13)
 */
export function createDecideOrder({ store, metrics, maxBatch, maxWaiting }: DecideOrdersDeps): DecideOrder {
  const batcher = createBatcher<{ command: StockCommand; deadline: Deadline }, Decision | undefined>({
    maxBatch,
    maxWaiting,
    isItemError: isRowError,
    async run(waiting) {
      const alive = waiting.filter(({ deadline }) => deadline.remainingMs() > 0);
      metrics.expired.inc(waiting.length - alive.length);
      if (alive.length === 0) return waiting.map(() => undefined);

      metrics.batchSize.observe(alive.length);
      const verdict = await store.decideBatch(alive.map(({ command }) => command));
      for (const movement of verdict.movements) metrics.transactions.inc({ type: movement.transaction_type });
      const answers = new Map(alive.map((entry, index) => [entry, verdict.answers[index]]));
      return waiting.map((entry) => answers.get(entry));
    },
  });

  return async function decideOrder(command, deadline) {
    const decision = await batcher.submit({ command, deadline });
    if (!decision) throw problem('DEADLINE_EXCEEDED', 'The deadline passed before the work began.');
    metrics.decisions.inc({ outcome: decision.outcome });
    return decision;
  };
}

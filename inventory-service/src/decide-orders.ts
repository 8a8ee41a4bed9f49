import type { Deadline } from '@valerix/service-kit/deadline';
import { decideInBatches } from '@valerix/service-kit/decide-in-batches';
import type { Decision, StockCommand } from './decide.ts';
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
  const decide = decideInBatches<StockCommand, Decision>({
    maxBatch,
    maxWaiting,
    metrics,
    async decide(commands) {
      const verdict = await store.decideBatch(commands);
      for (const movement of verdict.movements) metrics.transactions.inc({ type: movement.transaction_type });
      return verdict.answers;
    },
  });

  return async function decideOrder(command, deadline) {
    const decision = await decide(command, deadline);
    metrics.decisions.inc({ outcome: decision.outcome });
    return decision;
  };
}

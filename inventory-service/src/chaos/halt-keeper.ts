import type { Chaos } from '@valerix/service-kit/chaos/chaos';
import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import type { ChaosStore } from './chaos-store.ts';

/**
 * Tells Redis of a halt it does not know, every `intervalMs`: because it was away when chaos was halted, or wiped since.
 * PostgreSQL has the latch; what Redis says is only how the replicas hear of it.
 */
export function keepHalt(deps: {
  store: Pick<ChaosStore, 'readHalt' | 'whileHalted'>;
  chaos: Pick<Chaos, 'registry' | 'sync'>;
  logger: Logger;
  intervalMs: number;
}) {
  const { store, chaos, logger } = deps;

  async function check(): Promise<void> {
    const { halted } = await store.readHalt();
    if (!halted) return;
    chaos.sync.drop();
    const { halt } = await chaos.registry.snapshot();
    if (halt) return;
    await store.whileHalted((latch) => chaos.registry.halt(latch));
    logger.warn('Redis did not know that chaos is halted; told it');
  }

  return repeat(deps.intervalMs, () =>
    check().catch((error) => logger.debug({ err: error }, 'the halt could not be checked')),
  );
}

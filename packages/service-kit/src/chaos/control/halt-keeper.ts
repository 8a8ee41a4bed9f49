import type { Logger } from '../../logger.ts';
import { repeat } from '../../repeat.ts';
import type { Chaos } from '../chaos.ts';
import { isNewer } from '../latch.ts';
import type { HaltStore } from './halt-store.ts';

/**
 * Writes the newest latch to Redis and to the service's database, every `intervalMs`. Either may have been away when chaos was
 * halted or re-armed, and Redis may have been wiped since. The database also gets the audit of the halts that it missed. Each
 * has a loop of its own, because either may hang.
 */
export function keepHalt(deps: {
  store: Pick<HaltStore, 'readHalt' | 'copyHalt' | 'recordLate'>;
  chaos: Pick<Chaos, 'registry' | 'sync'>;
  logger: Logger;
  intervalMs: number;
}) {
  const { store, chaos, logger } = deps;
  const { registry, sync } = chaos;

  async function tellRedis(): Promise<void> {
    const { halt } = await registry.snapshot();
    if (!isNewer(sync.latch, halt)) return;
    await registry.setLatch(sync.latch);
    logger.warn({ halted: sync.latch.halted }, 'Redis did not have the latest halt or re-arming of chaos; told it');
  }

  async function agreeWithDatabase(): Promise<void> {
    const kept = await store.readHalt();
    sync.learn(kept);
    if (isNewer(sync.latch, kept)) await store.copyHalt(sync.latch);
    await store.recordLate();
  }

  const trying = (work: () => Promise<void>) =>
    repeat(deps.intervalMs, () =>
      work().catch((error) => logger.debug({ err: error }, 'the halt could not be checked')),
    );
  const loops = [trying(tellRedis), trying(agreeWithDatabase)];
  return { stop: () => Promise.all(loops.map((loop) => loop.stop())) };
}

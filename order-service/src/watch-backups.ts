import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import type { BackupStore } from './backup-store.ts';
import type { Metrics } from './metrics.ts';

/** Polls every `intervalMs` and publishes when the next backup is due. */
export function watchBackups(deps: {
  store: BackupStore;
  metrics: Pick<Metrics, 'backupDue'>;
  logger: Logger;
  intervalMs: number;
}) {
  return repeat(deps.intervalMs, async () => {
    try {
      const due = await deps.store.nextDue();
      deps.metrics.backupDue.set(due ? due.getTime() / 1000 : 0);
    } catch (error) {
      // Keep the last answer: a backup stays due while the database is away.
      deps.logger.debug({ err: error }, 'the backups could not be read for the metrics');
    }
  });
}

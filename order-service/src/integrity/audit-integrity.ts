import type { Integrity } from '@valerix/contracts';
import { createOneAuditor } from '@valerix/service-kit/audit/one-auditor';
import type { Metrics } from '../metrics.ts';
import { Audit, type AuditOptions, type Checkpoint, firstCheckpoint, type Published } from './audit.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { agedVerdict } from './verdict.ts';
import { noCounts } from './violation-book.ts';

export interface AuditorOptions extends Omit<AuditOptions, 'signal'> {
  memory: CheckpointStore;
  metrics: Pick<Metrics, 'integrityViolations'>;
}

export type Auditor = ReturnType<typeof createAuditor>;

/** What a replica shows before it has seen or made a verdict. */
export const NOTHING_YET: Published = {
  integrity: {
    verdict: 'unknown',
    checked_at: null,
    orders_checked: 0,
    lag_seconds: null,
    violations: [],
    detail: 'the audit has not started',
  },
  lag_ms: 0,
  counts: noCounts(),
};

/** The auditor of one replica; one replica at a time audits (`createOneAuditor`). */
export function createAuditor(options: AuditorOptions) {
  const { memory, metrics, logger, intervalMs, now } = options;
  const auditor = createOneAuditor<Checkpoint, Published>({
    memory,
    nothingYet: NOTHING_YET,
    open: (checkpoint, { shown, beganMs }, signal) =>
      new Audit({ ...options, signal }, checkpoint ?? firstCheckpoint(shown, beganMs)),
    newsOf: ({ integrity: { verdict, detail, violations } }) => JSON.stringify([verdict, detail, violations]),
    onShown({ counts }) {
      for (const [invariant, count] of Object.entries(counts)) metrics.integrityViolations.set({ invariant }, count);
    },
    logger,
    intervalMs,
    now,
  });
  return {
    start: auditor.start,

    /** The present verdict, without waiting. */
    state(): Integrity {
      const { published, ageMs } = auditor.shown();
      return agedVerdict(published.integrity, published.lag_ms, ageMs);
    },

    /** The audit delay; before the first comparison, the time since the start. */
    lagSeconds(): number {
      const { published, ageMs } = auditor.shown();
      return (published.lag_ms + ageMs) / 1000;
    },

    stop: auditor.stop,
  };
}

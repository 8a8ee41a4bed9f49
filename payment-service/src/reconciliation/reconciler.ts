import type { Reconciliation as Shown } from '@valerix/contracts';
import { createAuditMemory } from '@valerix/service-kit/audit/audit-memory-store';
import { createOneAuditor } from '@valerix/service-kit/audit/one-auditor';
import { pause } from '@valerix/service-kit/backoff';
import type { Pool } from '@valerix/service-kit/postgres';
import type { Metrics } from '../metrics.ts';
import {
  CHECKPOINT_VERSION,
  type Checkpoint,
  FIRST,
  type Published,
  type ReconcileOptions,
  Reconciliation,
} from './reconcile.ts';

export interface ReconcilerOptions extends Omit<ReconcileOptions, 'signal'> {
  pool: Pool;
  replica: string;
  metrics: Pick<Metrics, 'integrityViolations' | 'differences'>;
  intervalMs: number;
}

/** With a longer delay than this, the verdict is unknown. */
const MAX_LAG_MS = 15_000;
/** How long "reconcile now" waits for a round, milliseconds. */
const NOW_MS = 5_000;
const SHOWN = 100;
const NOTHING_YET: Published = { checked_at: null, compared: 0, differences: [] };

/** Compares the ledger with the provider's books all the time; one replica at a time does so, and all show its verdict. */
export function createReconciler(options: ReconcilerOptions) {
  const { pool, replica, metrics, logger, intervalMs, now } = options;
  const beganMs = now().getTime();
  let mine: Reconciliation | undefined;

  const auditor = createOneAuditor<Checkpoint, Published>({
    memory: createAuditMemory(pool, { table: 'reconciliation', replica, version: CHECKPOINT_VERSION }),
    nothingYet: NOTHING_YET,
    open(checkpoint, _since, signal) {
      mine = new Reconciliation({ ...options, signal }, checkpoint ?? FIRST);
      return mine;
    },
    newsOf: ({ differences }) => JSON.stringify(differences),
    onShown({ differences }) {
      metrics.differences.set(differences.length);
      metrics.integrityViolations.set({ invariant: 'I14' }, differences.length);
    },
    logger,
    intervalMs,
    now,
  });

  const lagMs = ({ checked_at }: Published): number =>
    Math.max(0, now().getTime() - (checked_at === null ? beganMs : Date.parse(checked_at)));

  function state(): Shown {
    const { published } = auditor.shown();
    const { checked_at, compared: entries_compared, differences } = published;
    const isOld = checked_at === null || lagMs(published) > MAX_LAG_MS;
    const verdict = differences.length > 0 ? 'violated' : isOld ? 'unknown' : 'ok';
    return {
      verdict,
      detail: detailOf(verdict, published),
      checked_at,
      lag_seconds: checked_at === null ? null : Math.round(lagMs(published) / 100) / 10,
      entries_compared,
      differences: differences.slice(0, SHOWN),
    };
  }

  return {
    start: auditor.start,
    stop: auditor.stop,
    state,
    lagSeconds: (): number => lagMs(auditor.shown().published) / 1000,

    /** Looks up at once what is open, and waits up to five seconds for a finished round. */
    async now(): Promise<Shown> {
      mine?.hurry();
      const asked = now().getTime();
      const isDone = () => Date.parse(auditor.shown().published.checked_at ?? '') >= asked;
      for (const end = performance.now() + NOW_MS; performance.now() < end && !isDone(); ) await pause(50);
      return state();
    },
  };
}

function detailOf(verdict: Shown['verdict'], { checked_at, differences }: Published): string {
  if (verdict === 'ok') return "The ledger and the provider's books say the same.";
  if (verdict === 'unknown') {
    return checked_at === null
      ? 'They were not compared to the end yet.'
      : `No comparison was finished since ${checked_at}: the provider or the database does not answer.`;
  }
  return `${differences.length} ${differences.length === 1 ? 'reference differs' : 'references differ'}.`;
}

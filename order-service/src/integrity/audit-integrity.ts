import type { Integrity } from '@valerix/contracts';
import { pause } from '@valerix/service-kit/backoff';
import type { Metrics } from '../metrics.ts';
import { Audit, type AuditOptions, firstCheckpoint, type Published } from './audit.ts';
import type { CheckpointStore, Save } from './checkpoint-store.ts';
import { agedVerdict } from './verdict.ts';
import { noCounts } from './violation-book.ts';

export interface AuditorOptions extends Omit<AuditOptions, 'signal'> {
  memory: CheckpointStore;
  metrics: Pick<Metrics, 'integrityViolations'>;
}

export type Auditor = ReturnType<typeof createAuditor>;

/** An unchanged verdict is saved this often, milliseconds: well within the lease. */
const SAVE_MS = 1_500;
/** The time between two checkpoints, milliseconds: after a crash, the next auditor reads this much again. */
const CHECKPOINT_MS = 5_000;
/** It is at least this many times as long as the last checkpoint took, which grows with the catalogue (100,000 items: 6 MB). */
const CHECKPOINT_REST = 20;

const NOTHING_SAVED = { what: '', atMs: 0, nextCheckpointMs: 0 };
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

/**
 * The auditor of one replica. One replica at a time audits and saves its verdict; the others show that verdict, and the first to
 * see its lease run out goes on from its checkpoint.
 */
export function createAuditor(options: AuditorOptions) {
  const { memory, metrics, logger, intervalMs } = options;
  const nowMs = () => options.now().getTime();
  const stopped = new AbortController();
  const { signal } = stopped;
  let beganMs = nowMs();
  let audit: Audit | undefined;
  let shown = { published: NOTHING_YET, atMs: beganMs };
  let saved = NOTHING_SAVED;
  let running: Promise<void> | undefined;

  function show(published: Published, ageMs: number): void {
    shown = { published, atMs: nowMs() - ageMs };
    for (const [invariant, count] of Object.entries(published.counts)) {
      metrics.integrityViolations.set({ invariant }, count);
    }
  }

  /** Shows the verdict of the replica that audits, and takes its place once its lease has run out. */
  async function follow(): Promise<void> {
    const { published, ageMs, isFree } = await memory.look();
    if (published) show(published, ageMs);
    const checkpoint = isFree ? await memory.take() : undefined;
    if (checkpoint === undefined) return;
    logger.info({ from: checkpoint?.checked_at ?? 'the beginning' }, 'this replica audits from here on');
    saved = NOTHING_SAVED;
    audit = new Audit({ ...options, signal }, checkpoint ?? firstCheckpoint(shown.published, beganMs));
  }

  /** @returns true when there is more to read at once */
  async function lead(present: Audit): Promise<boolean> {
    let more = false;
    let failure: { error: unknown } | undefined;
    try {
      more = await present.round();
    } catch (error) {
      failure = { error };
    }
    if (signal.aborted) return false;
    // A round that failed renews no lease, so that a replica which can reach both sides may try.
    await publish(present, failure ? 'leave' : 'renew');
    if (failure) throw failure.error;
    return more;
  }

  async function publish(present: Audit, lease: Save['lease']): Promise<void> {
    const { published } = present;
    show(published, 0);
    const now = nowMs();
    const { verdict, detail, violations } = published.integrity;
    const what = JSON.stringify([verdict, detail, violations]);
    const isNews = what !== saved.what || lease === 'end';
    const isDue = isNews || now >= saved.nextCheckpointMs;
    if (!isDue && now - saved.atMs < SAVE_MS) return;
    const started = performance.now();
    if (await memory.save({ published, checkpoint: isDue ? present.checkpoint : undefined, lease })) {
      const restMs = Math.max(CHECKPOINT_MS, CHECKPOINT_REST * (performance.now() - started));
      saved = { what, atMs: now, nextCheckpointMs: isDue ? now + restMs : saved.nextCheckpointMs };
    } else {
      audit = undefined;
      logger.info('this replica audits no longer: its lease ran out, or the memory of the audit was deleted');
    }
  }

  async function loop(): Promise<void> {
    let blind = false;
    while (!signal.aborted) {
      let more = false;
      try {
        if (!audit) await follow();
        if (audit) more = await lead(audit);
        if (blind) logger.info('the audit goes on');
        blind = false;
      } catch (error) {
        if (!blind) logger.warn({ err: error }, 'the audit cannot go on: integrity is unknown until it does');
        blind = true;
      }
      await pause(more ? 50 : intervalMs, signal);
    }
    if (audit) await publish(audit, 'end').catch((error) => logger.debug({ err: error }, 'the audit was not saved'));
  }

  const ageMs = () => Math.max(0, nowMs() - shown.atMs);

  return {
    /** To be called once. */
    start(): void {
      beganMs = nowMs();
      shown.atMs = beganMs;
      running = loop();
    },

    /** The present verdict, without waiting. */
    state: (): Integrity => agedVerdict(shown.published.integrity, shown.published.lag_ms, ageMs()),

    /** The audit delay; before the first comparison, the time since the start. */
    lagSeconds: (): number => (shown.published.lag_ms + ageMs()) / 1000,

    /** Does not wait for the rest of the round: a slow inventory service would use up the time for stopping. */
    async stop(): Promise<void> {
      stopped.abort();
      await running;
    },
  };
}

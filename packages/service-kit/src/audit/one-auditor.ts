import { pause } from '../backoff.ts';
import type { Logger } from '../logger.ts';
import type { AuditMemory, Save } from './audit-memory-store.ts';

/** The audit of one replica: it reads two sides on, and compares them. */
export interface RunningAudit<C, P> {
  /** @returns true when there is more to read at once @throws if a side cannot be read */
  round(): Promise<boolean>;
  /** All that another replica needs to go on. */
  readonly checkpoint: C;
  /** The present verdict, without waiting. */
  readonly published: P;
}

export interface OneAuditorOptions<C, P> {
  memory: AuditMemory<C, P>;
  /** Goes on from a checkpoint, or begins: then `shown` is what was published last, and `beganMs` since when this replica runs. */
  open(checkpoint: C | null, since: { shown: P; beganMs: number }, signal: AbortSignal): RunningAudit<C, P>;
  /** What a replica shows before it has seen or made a verdict. */
  nothingYet: P;
  /** The part of what is published whose change is saved at once, as text. */
  newsOf(published: P): string;
  /** Called whenever this replica shows something else. */
  onShown(published: P): void;
  logger: Logger;
  /** Time between two rounds, milliseconds. */
  intervalMs: number;
  /** The time by the database's clock. */
  now: () => Date;
}

/** An unchanged verdict is saved this often, milliseconds: well within the lease. */
const SAVE_MS = 1_500;
/** The time between two checkpoints, milliseconds: after a crash, the next auditor reads this much again. */
const CHECKPOINT_MS = 5_000;
/** It is at least this many times as long as the last checkpoint took, which grows with the catalogue (100,000 items: 6 MB). */
const CHECKPOINT_REST = 20;

const NOTHING_SAVED = { what: '', atMs: 0, nextCheckpointMs: 0 };

/**
 * The auditor of one replica. One replica at a time audits and saves its verdict; the others show that verdict, and the first to
 * see its lease run out goes on from its checkpoint.
 */
export function createOneAuditor<C extends { checked_at: string | null }, P>(options: OneAuditorOptions<C, P>) {
  const { memory, logger, intervalMs } = options;
  const nowMs = () => options.now().getTime();
  const stopped = new AbortController();
  const { signal } = stopped;
  let beganMs = nowMs();
  let audit: RunningAudit<C, P> | undefined;
  let shown = { published: options.nothingYet, atMs: beganMs };
  let saved = NOTHING_SAVED;
  let running: Promise<void> | undefined;

  function show(published: P, ageMs: number): void {
    shown = { published, atMs: nowMs() - ageMs };
    options.onShown(published);
  }

  /** Shows the verdict of the replica that audits, and takes its place once its lease has run out. */
  async function follow(): Promise<void> {
    const { published, ageMs, isFree } = await memory.look();
    if (published) show(published, ageMs);
    const checkpoint = isFree ? await memory.take() : undefined;
    if (checkpoint === undefined) return;
    logger.info({ from: checkpoint?.checked_at ?? 'the beginning' }, 'this replica audits from here on');
    saved = NOTHING_SAVED;
    audit = options.open(checkpoint, { shown: shown.published, beganMs }, signal);
  }

  /** @returns true when there is more to read at once */
  async function lead(present: RunningAudit<C, P>): Promise<boolean> {
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

  async function publish(present: RunningAudit<C, P>, lease: Save<C, P>['lease']): Promise<void> {
    const { published } = present;
    show(published, 0);
    const now = nowMs();
    const what = options.newsOf(published);
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

  return {
    /** To be called once. */
    start(): void {
      beganMs = nowMs();
      shown.atMs = beganMs;
      running = loop();
    },

    /** What this replica shows, and how old that is, milliseconds. */
    shown: (): { published: P; ageMs: number } => ({
      published: shown.published,
      ageMs: Math.max(0, nowMs() - shown.atMs),
    }),

    /** Does not wait for the rest of the round: a slow service on the other side would use up the time for stopping. */
    async stop(): Promise<void> {
      stopped.abort();
      await running;
    },
  };
}

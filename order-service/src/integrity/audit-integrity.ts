import type { Integrity } from '@valerix/contracts';
import { pause } from '@valerix/service-kit/backoff';
import type { Logger } from '@valerix/service-kit/logger';
import type { Metrics } from '../metrics.ts';
import { StreamFollower } from './follow-streams.ts';
import type { IntegrityStore } from './integrity-store.ts';
import type { LedgerClient } from './ledger-client.ts';
import { Doubts } from './settle-doubts.ts';
import { lagMsOf, type Progress, verdictOf } from './verdict.ts';
import { ViolationBook } from './violation-book.ts';

export interface AuditorOptions {
  store: IntegrityStore;
  ledger: LedgerClient;
  metrics: Pick<Metrics, 'integrityViolations'>;
  logger: Logger;
  /** How often to look, milliseconds. */
  intervalMs: number;
  /** How long an order must have been quiet before it is judged, milliseconds: what is in flight is no violation. */
  graceMs: number;
  /** How long something may be missing in the ledger because an older transaction still runs, milliseconds: longer than ours may. */
  patienceMs: number;
}

export type Auditor = ReturnType<typeof createAuditor>;

/**
 * Continuous integrity: follows the order events and the warehouse's ledger, and holds each order against what was taken for it
 * (I4, I5, I6, I9) and each item's stock against the ledger's sum (I1, I2). What looks wrong is looked up on both sides before
 * it is reported. Every replica audits on its own; it only reads.
 */
export function createAuditor(options: AuditorOptions) {
  const { metrics, logger } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const book = new ViolationBook(metrics, logger);
  const doubts = new Doubts({ ...options, book, signal });
  let streams = new StreamFollower({ ...options, signal });
  const progress: Progress = {
    createdMs: Date.now(),
    checkedAt: undefined,
    caughtUp: false,
    passed: false,
    trouble: 'the audit has not started',
  };
  let running: Promise<void> | undefined;

  async function round(): Promise<void> {
    const complete = !doubts.areMany && (await streams.readOn());
    // Behind, only what both sides have passed can be judged.
    const horizon = complete ? Date.now() : streams.readToMs;
    // Reported before anything else is asked: what was found is not looked for again.
    await doubts.judgeOrders(streams.orders, horizon - options.graceMs);
    if (complete) {
      await doubts.judgeStock(streams.stock);
      await doubts.recheck();
    }
    progress.caughtUp = complete;
    progress.passed ||= complete && doubts.areSettled;
    if (progress.passed) book.wasRead();
    progress.checkedAt = new Date();
    progress.trouble = undefined;
    if (book.isIncomplete && book.size === 0) startOver();
  }

  /** Reads the whole history again: what was wrong beyond what the book holds can be found there only. */
  function startOver(): void {
    streams = new StreamFollower({ ...options, signal });
    book.readAgain();
    doubts.startOver();
    progress.caughtUp = false;
    progress.passed = false;
  }

  async function loop(): Promise<void> {
    let blind = false;
    while (!signal.aborted) {
      try {
        await round();
        if (blind) logger.info('the audit goes on');
        blind = false;
      } catch (error) {
        if (signal.aborted) return;
        if (!blind) logger.warn({ err: error }, 'the audit cannot go on: integrity is unknown until it does');
        blind = true;
        progress.trouble = `the two sides could not be compared: ${(error as Error).message || String(error)}`;
      }
      const behind = !progress.caughtUp && progress.trouble === undefined;
      await pause(behind ? 50 : options.intervalMs, signal);
    }
  }

  const lagMs = () => {
    const waitingSince = [streams.orders.waiting.since, doubts.since];
    return lagMsOf(progress, { readToMs: streams.readToMs, waitingSince }, Date.now());
  };

  return {
    start(): void {
      running ??= loop();
    },

    /** What is known now; it never waits. */
    state(): Integrity {
      const { isIncomplete } = book;
      const found = { violations: book.list(), isIncomplete, ordersChecked: streams.orders.checked };
      return verdictOf(progress, lagMs(), found);
    },

    /** How far the audit is behind; before its first comparison, since it was created. */
    lagSeconds: (): number => lagMs() / 1000,

    /** Does not wait for the pages and orders that the round would still ask for: a slow warehouse would take the whole grace. */
    async stop(): Promise<void> {
      stopped.abort();
      await running;
    },
  };
}

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
  /** Time between two rounds, milliseconds. */
  intervalMs: number;
  /** How long an order must be quiet before it is judged, milliseconds: an order in flight is no violation. */
  graceMs: number;
  /** How long an entry may be missing while an older transaction runs, milliseconds: more than our own may take. */
  patienceMs: number;
}

export type Auditor = ReturnType<typeof createAuditor>;

/**
 * The auditor: follows the order events and the ledger of the inventory service. It compares each order with its deductions and
 * releases (I4, I5, I6, I9), and each item's stock with the ledger's sum (I1, I2). Before it reports a violation, it looks the
 * order up on both sides. Every replica audits on its own, and only reads.
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
    // While it lags behind, it can judge only up to the time that both sides have passed.
    const horizon = complete ? Date.now() : streams.readToMs;
    // Report before the next call that may fail: a finding is not looked for again.
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

  /** Reads the whole history again: the violations that the book had no room for stand only there. */
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

    /** The present verdict, without waiting. */
    state(): Integrity {
      const { isIncomplete } = book;
      const found = { violations: book.list(), isIncomplete, ordersChecked: streams.orders.checked };
      return verdictOf(progress, lagMs(), found);
    },

    /** The audit delay; before the first comparison, the time since the auditor was created. */
    lagSeconds: (): number => lagMs() / 1000,

    /** Does not wait for the rest of the round: a slow inventory service would use up the time for stopping. */
    async stop(): Promise<void> {
      stopped.abort();
      await running;
    },
  };
}

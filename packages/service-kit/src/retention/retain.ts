import { pause } from '../backoff.ts';
import type { Logger } from '../logger.ts';
import { gauge, type Registry } from '../metrics.ts';
import { type Client, createPool, isDatabaseUnavailable } from '../postgres.ts';
import { repeat } from '../repeat.ts';
import {
  divide,
  dropPeriod,
  fence,
  inTurn,
  isLarge,
  type KeptTable,
  type Period,
  type Retained,
  readPeriods,
  readRetained,
  removeFences,
} from './period-store.ts';
import { boundAfter, boundAt, FAR, FIRST, overdueOf, periodOf, timeOf } from './periods.ts';

/** The operators' audit, which every service keeps, belongs to the time of its rows. */
export const AUDIT: KeptTable = { name: 'operator_audit', by: 'uuid_at(at)' };
/** A fence stands this far ahead, milliseconds: it is removed long before an order reaches it. */
const FENCED_MS = 24 * 3_600_000;
/** The time between rounds, milliseconds; less for short periods. */
const ROUND_MS = 60_000;
/** The same without a retention: a round then only removes a fence that was left. */
const OFF_ROUND_MS = 3_600_000;
const STATEMENT_MS = 3_600_000;
/** How long the stop of a service waits for a round, milliseconds. */
const STOP_MS = 1_000;

/** Why a period that is old enough is not dropped yet. */
export class Wait extends Error {}

export interface RetainOptions {
  url: string;
  service: string;
  logger: Logger;
  metrics: RetentionMetrics;
  /** How long history is kept, milliseconds; undefined: for ever. */
  retentionMs: number | undefined;
  /** In the order in which orders lock them; `operator_audit` follows. */
  tables: readonly KeptTable[];
  /** Runs before the tables are divided for the first time. Long work must end when the signal aborts. */
  prepare?(client: Client, signal: AbortSignal): Promise<void>;
  /**
   * Runs before a period is dropped, while orders go on.
   * @returns the rest of the work, which must be short: it runs under the lock that the drop takes
   * @throws {Wait}; the returned function may throw it too
   */
  close(period: Period, client: Client, retained: Retained): Promise<(client: Client) => Promise<void>>;
  /** Runs in every round, and after every drop. */
  afterwards?(retained: Retained, client: Client, signal: AbortSignal): Promise<void>;
}

/**
 * Divides the history into periods, and drops those that are older than the retention. One replica at a time does so. The next
 * round repeats what failed; until then the last period takes the new orders, however many come.
 */
export function retain(options: RetainOptions) {
  const { logger, metrics, retentionMs } = options;
  const tables = [...options.tables, AUDIT];
  const pool = createPool({
    ...options,
    service: `${options.service} retention`,
    max: 1,
    statementTimeoutMs: STATEMENT_MS,
  });
  const periodMs = periodOf(retentionMs ?? 0);
  const stopped = new AbortController();
  let told = '';
  let sinceMs: number | undefined;

  async function divideInTime(client: Client, nowMs: number): Promise<Period[]> {
    const periods = await readPeriods(client, tables);
    const last = periods.findLast(({ to }) => to === FAR);
    // A new period is made one period ahead, so a division usually finds the last one empty.
    if (last && timeOf(last.from) > nowMs + periodMs) return periods;
    if (!last) await options.prepare?.(client, stopped.signal);
    const parts = last?.parts ?? tables.map(({ name }) => name);
    const large = await isLarge(client, parts);
    const from = last?.from ?? FIRST;
    const at = boundAfter(Math.max(nowMs + (large ? FENCED_MS : 0), timeOf(from)), periodMs);
    try {
      if (large) await fence(client, tables, parts, { from, to: at });
      await divide(client, tables, last, at);
    } finally {
      if (large) await removeFences(client);
    }
    logger.info({ from: new Date(timeOf(at)), first: !last }, 'a new period of the history begins');
    return divideInTime(client, nowMs);
  }

  async function dropOld(client: Client, periods: Period[], keptMs: number): Promise<void> {
    for (const period of periods) {
      if (period.to > boundAt(keptMs)) return;
      const seal = await options.close(period, client, await readRetained(client));
      const lockedMs = Math.round(await dropPeriod(client, tables, period, seal));
      logger.info(
        { before: new Date(timeOf(period.to)), dropped: period.parts, locked_ms: lockedMs },
        'a period of the history was dropped',
      );
      told = '';
    }
  }

  async function round(client: Client): Promise<void> {
    await removeFences(client);
    const { nowMs } = await readRetained(client);
    if (retentionMs === undefined) return;
    const keptMs = nowMs - retentionMs;
    const periods = await divideInTime(client, nowMs);
    try {
      await dropOld(client, periods, keptMs);
    } catch (error) {
      tell(error as Error);
    }
    await options.afterwards?.(await readRetained(client), client, stopped.signal);
  }

  /** Runs on every replica, also without the turn. */
  async function report(): Promise<void> {
    const { goneBefore, goneAtMs, nowMs } = await readRetained(pool);
    const periods = await readPeriods(pool, tables);
    sinceMs ??= nowMs;
    metrics.keptSince.set(timeOf(goneBefore) / 1_000);
    metrics.lastDrop.set((goneAtMs ?? 0) / 1_000);
    const overdueMs = retentionMs === undefined ? 0 : overdueOf(periods, { nowMs, retentionMs, sinceMs });
    metrics.overdue.set(overdueMs / 1_000);
  }

  /** Logs a reason once, and again only after another one. */
  function tell(error: Error): void {
    if (error.message === told || stopped.signal.aborted) return;
    told = error.message;
    const isExpected = error instanceof Wait || isDatabaseUnavailable(error);
    if (isExpected) logger.info({ reason: error.message }, 'history is kept for longer than it should be');
    else logger.error({ err: error }, 'history cannot be dropped');
  }

  const running = repeat(retentionMs === undefined ? OFF_ROUND_MS : Math.min(periodMs / 2, ROUND_MS), async () => {
    await inTurn(pool, round).catch(tell);
    await report().catch(tell);
  });

  return {
    /** Does not wait for a statement that reads a large part: whatever a round leaves unfinished, a later one repeats or removes. */
    async stop(): Promise<void> {
      stopped.abort();
      const ended = new AbortController();
      const ending = running.stop().then(() => pool.end());
      await Promise.race([ending.finally(() => ended.abort()), pause(STOP_MS, ended.signal)]);
    },
  };
}

export type RetentionMetrics = ReturnType<typeof retentionMetrics>;

/** What every service tells of its history. */
export function retentionMetrics(registry: Registry) {
  return {
    keptSince: gauge(
      registry,
      'retention_kept_since_timestamp_seconds',
      'The history before this time was dropped, Unix seconds; 0 if none was.',
    ),
    lastDrop: gauge(
      registry,
      'retention_last_drop_timestamp_seconds',
      'When a period of the history was dropped last, Unix seconds; 0 if none was.',
    ),
    overdue: gauge(
      registry,
      'retention_overdue_seconds',
      'For how long the oldest period of the history should have been dropped, or a new one begun; 0 if neither is due.',
    ),
  };
}

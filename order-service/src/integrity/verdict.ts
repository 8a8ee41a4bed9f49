import type { Integrity } from '@valerix/contracts';

/** How far the audit has come. Times are milliseconds since 1970. */
export interface Progress {
  createdMs: number;
  checkedAt: Date | undefined;
  /** True when the last round read both sides to their ends. */
  caughtUp: boolean;
  /** True once the whole history was read with no doubt left; before that, the verdict cannot be ok. */
  passed: boolean;
  trouble: string | undefined;
}

/** The work that the audit still has to do. */
export interface Backlog {
  readToMs: number;
  /** Since when the oldest order has waited to be judged, and the oldest doubt to be settled. */
  waitingSince: readonly (number | undefined)[];
}

/** With a longer delay than this, the verdict is unknown. */
const MAX_LAG_MS = 15_000;

/** The audit delay; before the first comparison, the time since the auditor was created. Pure. */
export function lagMsOf(
  { createdMs, checkedAt, caughtUp }: Progress,
  { readToMs, waitingSince }: Backlog,
  now: number,
): number {
  const silence = now - (checkedAt?.getTime() ?? createdMs);
  const waiting = now - Math.min(now, ...waitingSince.filter((since) => since !== undefined));
  // Zero: the first page of the history is still to come.
  const behind = caughtUp || readToMs === 0 ? 0 : now - readToMs;
  return Math.max(0, silence, waiting, checkedAt ? behind : 0);
}

/** The present verdict about the system. Pure. */
export function verdictOf(
  progress: Progress,
  lagMs: number,
  found: { violations: Integrity['violations']; isIncomplete: boolean; ordersChecked: number },
): Integrity {
  const { caughtUp, passed, trouble, checkedAt } = progress;
  const upToDate = caughtUp && passed && !found.isIncomplete && lagMs < MAX_LAG_MS;
  const detail = trouble ?? (upToDate ? null : 'the audit is catching up with the history');
  return {
    verdict: found.violations.length > 0 ? 'violated' : detail === null ? 'ok' : 'unknown',
    checked_at: checkedAt?.toISOString() ?? null,
    orders_checked: found.ordersChecked,
    lag_seconds: checkedAt ? Math.round(lagMs / 100) / 10 : null,
    violations: found.violations,
    detail,
  };
}

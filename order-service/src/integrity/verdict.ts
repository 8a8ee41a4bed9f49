import type { Integrity } from '@valerix/contracts';

/** How far the audit has come. Times are milliseconds since 1970. */
export interface Progress {
  beganMs: number;
  checkedAt: Date | undefined;
  /** True once the whole history was read with no doubt left; before that, the verdict cannot be ok. */
  passed: boolean;
  trouble: string | undefined;
}

/** The work that the audit still has to do. */
export interface Backlog {
  readToMs: number;
  /** Since when the oldest order has waited to be judged, and the oldest doubt to be settled. */
  waitingSince: readonly (number | undefined)[];
  /** The service in whose database a transaction hides younger ones, and since when. */
  heldBack: { service: string; sinceMs: number } | undefined;
}

/** With a longer delay than this, the verdict is unknown. */
export const MAX_LAG_MS = 15_000;

/** The audit delay; before the first comparison, the time since the audit began. Pure. */
export function lagMsOf({ beganMs, checkedAt }: Progress, { readToMs, waitingSince }: Backlog, now: number): number {
  const silence = now - (checkedAt?.getTime() ?? beganMs);
  const waiting = now - Math.min(now, ...waitingSince.filter((since) => since !== undefined));
  // Zero: the first page of the history is still to come.
  const behind = checkedAt && readToMs > 0 ? now - readToMs : 0;
  return Math.max(0, silence, waiting, behind);
}

/** The present verdict about the system. Pure. */
export function verdictOf(
  { passed, trouble, checkedAt }: Progress,
  { heldBack }: Backlog,
  lagMs: number,
  found: { violations: Integrity['violations']; isIncomplete: boolean; ordersChecked: number },
): Integrity {
  const upToDate = passed && !found.isIncomplete && lagMs < MAX_LAG_MS;
  const detail = trouble ?? (upToDate ? null : reasonOf(heldBack));
  return {
    verdict: found.violations.length > 0 ? 'violated' : detail === null ? 'ok' : 'unknown',
    checked_at: checkedAt?.toISOString() ?? null,
    orders_checked: found.ordersChecked,
    lag_seconds: checkedAt ? seconds(lagMs) : null,
    violations: found.violations,
    detail,
  };
}

function reasonOf(heldBack: Backlog['heldBack']): string {
  if (!heldBack) return 'the audit is catching up with the history';
  const since = new Date(heldBack.sinceMs).toISOString();
  return `a transaction open in the database of the ${heldBack.service} service since ${since} hides what younger ones wrote`;
}

/** A verdict that was given `ageMs` ago: after `MAX_LAG_MS` without a new one, ok becomes unknown. Pure. */
export function agedVerdict(integrity: Integrity, lagMs: number, ageMs: number): Integrity {
  const lag = lagMs + ageMs;
  const aged = { ...integrity, lag_seconds: integrity.checked_at === null ? null : seconds(lag) };
  if (integrity.verdict !== 'ok' || lag < MAX_LAG_MS) return aged;
  return {
    ...aged,
    verdict: 'unknown',
    detail: `this replica knows of no finished round of the audit since ${aged.checked_at}`,
  };
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/**
 * How history is divided by time. A bound is the smallest UUIDv7 of its time, so orders are divided by their ids; bounds compare
 * as text. Pure.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Bounds before the first id, and after every id until 2100. */
export const FIRST = '00000000-0000-0000-0000-000000000000';
export const FAR = boundAt(Date.UTC(2100, 0, 1));

const LENGTHS = [SECOND_MS, 10 * SECOND_MS, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS].concat(
  [1, 7, 30, 90, 365].map((days) => days * DAY_MS),
);

/**
 * The length of a period, milliseconds. At most a third of the retention: a period goes as a whole, so its first orders are kept
 * that much longer. At least about a tenth: statements on all periods then touch few tables. A month for 90 days.
 */
export function periodOf(retentionMs: number): number {
  return LENGTHS.findLast((length) => 3 * length <= retentionMs) ?? SECOND_MS;
}

/** The bound at a time, milliseconds since 1970. */
export function boundAt(ms: number): string {
  const hex = Math.floor(ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The time of a bound or of a UUIDv7, milliseconds since 1970. */
export const timeOf = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16);

/** The first bound after `ms` that lies on a multiple of the period's length. */
export const boundAfter = (ms: number, periodMs: number): string => boundAt((Math.floor(ms / periodMs) + 1) * periodMs);

/**
 * For how long the oldest period should have been dropped, or a new one begun, milliseconds; 0 if neither is due.
 * @param sinceMs since when the tables should be divided, if they are not
 */
export function overdueOf(
  periods: readonly { from: string; to: string }[],
  { nowMs, retentionMs, sinceMs }: { nowMs: number; retentionMs: number; sinceMs: number },
): number {
  const last = periods.findLast(({ to }) => to === FAR);
  const begunMs = last ? timeOf(last.from) : sinceMs;
  return Math.max(0, nowMs - retentionMs - timeOf(periods[0]?.to ?? FAR), nowMs - begunMs);
}

/** A table's name in the period that begins at a bound: `orders_from_20261101_000000`, in UTC. */
export function nameFrom(table: string, bound: string): string {
  const time = new Date(timeOf(bound)).toISOString().replaceAll(/[-:]/g, '').replace('T', '_').slice(0, 15);
  return `${table}_from_${time}`;
}

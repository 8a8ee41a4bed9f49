import { jobIs } from './promql.ts';
import { RESPONSE_TIME_AMBER_SECONDS } from './thresholds.ts';

/** A promise about placing orders. `total` and `bad` are rates of counters over the window `$w`. */
export interface Slo {
  name: 'availability' | 'latency';
  /** The share of requests that must be good. */
  objective: number;
  total: string;
  bad: string;
}

/** A pair of windows: the long one shows that the burn matters, the short one that it continues. */
export interface BurnWindow {
  severity: 'page' | 'ticket' | 'classroom';
  long: string;
  short: string;
  /** The burn rate at which it fires, as a multiple of the allowed rate. */
  factor: number;
  for: string;
  /** Replaces the SLO's objective. */
  objective?: number;
}

/** Placing an order, the request that every SLO covers. */
export const placing = `${jobIs('order')},method="POST",route="/api/orders"`;
const counted = `sum(rate(http_request_duration_seconds_count{${placing}}[$w]))`;

export const slos: readonly Slo[] = [
  {
    name: 'availability',
    objective: 0.999,
    total: counted,
    // Not taken: 5xx, shed (429), or given up by the caller (499).
    bad: `sum(rate(http_request_duration_seconds_count{${placing},status_code=~"5..|429|499"}[$w]))`,
  },
  {
    name: 'latency',
    objective: 0.99,
    total: counted,
    bad: `${counted} - sum(rate(http_request_duration_seconds_bucket{${placing},le="${RESPONSE_TIME_AMBER_SECONDS}"}[$w]))`,
  },
];

/**
 * The windows and factors of the Google SRE workbook, chapter 5, table 5-8, for a budget of 30 days: 2 % of it in an hour,
 * 5 % in six hours, 10 % in one or three days.
 */
export const burnWindows: readonly BurnWindow[] = [
  { severity: 'page', long: '1h', short: '5m', factor: 14.4, for: '2m' },
  { severity: 'page', long: '6h', short: '30m', factor: 6, for: '5m' },
  { severity: 'ticket', long: '1d', short: '2h', factor: 3, for: '15m' },
  { severity: 'ticket', long: '3d', short: '6h', factor: 1, for: '30m' },
];

/** For a lesson of an hour, with a budget of 1 %: at 12 times the allowed rate, five minutes spend all of it. */
export const classroomWindows: readonly BurnWindow[] = [
  { severity: 'classroom', long: '5m', short: '1m', factor: 12, for: '10s', objective: 0.99 },
];

const allWindows = [...burnWindows, ...classroomWindows].flatMap(({ long, short }) => [long, short]);
/** Every window once, shortest first. */
export const sloWindows: readonly string[] = [...new Set(allWindows)].sort((a, b) => secondsOf(a) - secondsOf(b));

/** The recorded share of bad requests. */
export const errorRatio = (slo: Slo['name'], window: string): string =>
  `valerix:slo_errors:ratio_rate${window}{slo="${slo}"}`;

/** The recorded number of requests. */
export const requestCount = (slo: Slo['name'], window: string): string =>
  `valerix:slo_requests:increase${window}{slo="${slo}"}`;

/** @returns the seconds of a duration with one unit, such as `30m` */
export function secondsOf(duration: string): number {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit ?? ''];
  if (!seconds) throw new Error(`not a duration: ${duration}`);
  return Number(amount) * seconds;
}

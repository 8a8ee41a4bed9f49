import type { LivePoint } from './live-types.ts';

/** The charts reach back one hour: five minutes second by second, before that one point for ten seconds. */
export const KEPT_SECONDS = 3_600;
const RECENT_SECONDS = 300;
const STEP_SECONDS = 10;

/** The points with one more, thinned where they have become old. At most some 640 stay. */
export function withPoint(points: readonly LivePoint[], point: LivePoint): LivePoint[] {
  const all = [...points, point];
  // A block becomes old as a whole.
  if (Math.floor(point.t / STEP_SECONDS) === Math.floor((points.at(-1)?.t ?? 0) / STEP_SECONDS)) return all;
  const oldBefore = (Math.floor(point.t / STEP_SECONDS) - RECENT_SECONDS / STEP_SECONDS) * STEP_SECONDS;
  const first = all.findIndex(({ t }) => t >= point.t - KEPT_SECONDS);
  const recent = all.findIndex(({ t }) => t >= oldBefore);
  return [...thinned(all.slice(first, recent)), ...all.slice(recent)];
}

function thinned(points: readonly LivePoint[]): LivePoint[] {
  const blocks = Map.groupBy(points, ({ t }) => Math.floor(t / STEP_SECONDS));
  return [...blocks.values()].map((block) => (block.length === 1 ? (block[0] as LivePoint) : merged(block)));
}

/** Rates become their mean; times and depths their highest value, so that no peak disappears. */
function merged(block: readonly LivePoint[]): LivePoint {
  const known = (value: (point: LivePoint) => number | null) => block.map(value).filter((one) => one !== null);
  const mean = (value: (point: LivePoint) => number | null) => {
    const values = known(value);
    return values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;
  };
  const most = (value: (point: LivePoint) => number | null) => {
    const values = known(value);
    return values.length === 0 ? null : Math.max(...values);
  };
  const last = block.at(-1) as LivePoint;
  const load = block.some((point) => point.load !== undefined)
    ? {
        asked: mean((point) => point.load?.asked ?? null) ?? 0,
        answered: mean((point) => point.load?.answered ?? null) ?? 0,
        p95_ms: most((point) => point.load?.p95_ms ?? null),
      }
    : null;
  return {
    t: last.t,
    confirmed: mean(({ confirmed }) => confirmed),
    queued: mean(({ queued }) => queued),
    failed: mean(({ failed }) => failed),
    p50_ms: mean(({ p50_ms }) => p50_ms),
    p95_ms: most(({ p95_ms }) => p95_ms),
    queue: most(({ queue }) => queue),
    average_ms: mean(({ average_ms }) => average_ms),
    faults: most(({ faults }) => faults),
    ...(load && { load }),
  };
}

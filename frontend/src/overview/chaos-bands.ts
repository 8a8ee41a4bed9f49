import type { LivePoint } from '../live/live-types.ts';
import { type Band, bandsWhere } from '../ui/bands.ts';

/** The spans with at least this many active faults. */
const spansWith = (points: readonly LivePoint[], least: number): Band[] =>
  bandsWhere(points, ({ faults }) => (faults === null ? null : faults >= least));

/** A chart has room for so many. */
const MOST_LANES = 5;

/** How charts over the live data show faults: shading while any is active, and a lane for each that is active at the same time. */
export const CHAOS_MARKS = {
  bands: (points: readonly LivePoint[]) => spansWith(points, 1),
  lanes: (points: readonly LivePoint[]) =>
    Array.from({ length: MOST_LANES }, (_, lane) => spansWith(points, lane + 1)).filter(({ length }) => length > 0),
};

import type { LivePoint } from '../live/live-types.ts';
import { type Band, bandsWhere } from '../ui/bands.ts';

/** The spans with at least one active fault. */
export const chaosBands = (points: readonly LivePoint[]): Band[] =>
  bandsWhere(points, ({ faults }) => (faults === null ? null : faults > 0));

'use client';

import { type LivePoint, POINTS_KEPT } from '../live/live-types.ts';
import { type ChartSeries, type TimeAxis, TimeChart } from '../ui/time-chart.tsx';
import { chaosBands } from './chaos-bands.ts';

export type LiveSeries = ChartSeries<LivePoint>;

interface Props {
  readonly title: string;
  readonly series: readonly LiveSeries[];
  readonly points: readonly LivePoint[];
  readonly axis: (value: number) => string;
  readonly reach: number;
  readonly empty: string;
  /** The last point is no longer the present. */
  readonly ended: boolean;
}

const LAST_FIVE_MINUTES: TimeAxis<LivePoint> = {
  range: (points) => {
    const end = points.at(-1)?.t ?? Math.round(Date.now() / 1000);
    return [end - POINTS_KEPT, end];
  },
  splits: (_, max) => [1, 2, 3, 4].map((minutes) => max - minutes * 60),
  // What matters is how long ago, not the hour.
  label: (split, max) => `-${Math.round((max - split) / 60)} min`,
};

/** A chart of the last five minutes. Seconds in which a fault was in force are shaded; missing seconds are gaps. */
export function LiveChart(props: Props) {
  return <TimeChart {...props} bands={chaosBands} time={LAST_FIVE_MINUTES} />;
}

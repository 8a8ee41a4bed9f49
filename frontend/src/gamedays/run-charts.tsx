import type { GamedayPoint } from '@valerix/contracts';
import { useMemo } from 'react';
import { formatElapsed, formatMs, formatQueued, formatRate, formatShortTime, formatTick } from '../browser/format.ts';
import { ChartRow, type ChartSeries, type TimeAxis, TimeChart } from '../ui/time-chart.tsx';
import { type commonScale, faultBands, faultLanes, timeSplits } from './words.ts';

type Series = readonly ChartSeries<GamedayPoint>[];

const ANSWERS: Series = [
  { label: 'confirmed', color: '--series-confirmed', value: ({ confirmed }) => confirmed, format: formatRate },
  { label: 'queued', color: '--series-queued', value: ({ queued }) => queued, format: formatRate },
  { label: 'refused', color: '--series-failed', value: ({ refused }) => refused, format: formatRate },
  { label: 'no answer', color: '--series-unknown', value: ({ unknown }) => unknown, format: formatRate },
];
const LATENCY: Series = [
  { label: 'p50', color: '--series-p50', value: ({ p50_ms }) => p50_ms, format: formatMs },
  { label: 'p99', color: '--series-p99', value: ({ p99_ms }) => p99_ms, format: formatMs },
];
const QUEUE: Series = [
  { label: 'waiting', color: '--series-queued', value: ({ queue }) => queue, format: formatQueued },
];

type Props = Readonly<{
  points: readonly GamedayPoint[];
  durationS: number;
  ended: boolean;
  /** The axes of several runs that are compared; the charts then stand below each other. */
  scale?: ReturnType<typeof commonScale>;
  /** Which of them this is. */
  of?: string;
}>;

/** The run from its first second, shaded while faults were active. */
export function RunCharts({ points, durationS, ended, scale, of }: Props) {
  const time = useMemo<TimeAxis<GamedayPoint>>(
    () => ({
      range: (shown) => [0, Math.max(durationS, shown.at(-1)?.t ?? 0, 5)],
      // A mark at the very end would be cut off.
      splits: (_, max) => timeSplits(max).filter((split) => split < max * 0.96),
      label: formatElapsed,
    }),
    [durationS],
  );
  const { answers = 10, latency = 50, queue = 10 } = scale ?? {};
  const moment = (t: number) => `at ${formatElapsed(t)}`;
  const common = {
    points,
    of,
    time,
    ended,
    moment,
    bands: faultBands,
    lanes: faultLanes,
    empty: 'Nothing was ordered yet.',
  };
  const first = (
    <TimeChart {...common} axis={formatTick} reach={answers} series={ANSWERS} stacked title="Answers per second" />
  );
  const second = (
    <TimeChart {...common} axis={formatShortTime} reach={latency} series={LATENCY} title="Response time" />
  );
  const third = <TimeChart {...common} axis={formatTick} reach={queue} series={QUEUE} title="Orders in the queue" />;
  if (scale === undefined) {
    return (
      <ChartRow>
        {first}
        {second}
        {third}
      </ChartRow>
    );
  }
  return (
    <div className="space-y-3">
      {first}
      {second}
      {third}
    </div>
  );
}

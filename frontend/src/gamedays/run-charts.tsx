'use client';

import type { GamedayPoint } from '@valerix/contracts';
import { useMemo } from 'react';
import { formatCount, formatMs, formatRate } from '../browser/format.ts';
import { type ChartSeries, type TimeAxis, TimeChart } from '../ui/time-chart.tsx';
import { faultBands, timeLabel, timeSplits } from './words.ts';

type Series = readonly ChartSeries<GamedayPoint>[];

const ANSWERS: Series = [
  { label: 'confirmed', color: '--series-confirmed', value: ({ confirmed }) => confirmed, format: formatRate },
  { label: 'queued', color: '--series-queued', value: ({ queued }) => queued, format: formatRate },
  { label: 'refused', color: '--series-failed', value: ({ refused }) => refused, format: formatRate },
  { label: 'no answer', color: '--series-p95', value: ({ unknown }) => unknown, format: formatRate },
];
const LATENCY: Series = [
  { label: 'p50', color: '--series-p50', value: ({ p50_ms }) => p50_ms, format: formatMs },
  { label: 'p99', color: '--series-p95', value: ({ p99_ms }) => p99_ms, format: formatMs },
];
const QUEUE: Series = [
  { label: 'waiting', color: '--series-queued', value: ({ queue }) => queue, format: formatCount },
];

const plain = (value: number) => (Number.isInteger(value) ? `${value}` : value.toFixed(1));
const inTime = (value: number) => (value < 1000 ? `${Math.round(value)} ms` : `${Math.round(value / 100) / 10} s`);

interface Props {
  readonly points: readonly GamedayPoint[];
  readonly durationS: number;
  readonly ended: boolean;
}

/** The run from its first second on; shaded where anything was broken. */
export function RunCharts({ points, durationS, ended }: Props) {
  const time = useMemo<TimeAxis<GamedayPoint>>(
    () => ({
      range: (shown) => [0, Math.max(durationS, shown.at(-1)?.t ?? 0, 5)],
      // A mark at the very end would be cut off.
      splits: (_, max) => timeSplits(max).filter((split) => split < max * 0.96),
      label: timeLabel,
    }),
    [durationS],
  );
  const common = { points, time, ended, bands: faultBands, empty: 'Nothing was ordered yet.' };
  return (
    <div className="grid gap-3 lg:grid-cols-2 xl:grid-cols-3">
      <TimeChart {...common} axis={plain} reach={10} series={ANSWERS} title="Answers per second" />
      <TimeChart {...common} axis={inTime} reach={50} series={LATENCY} title="Response time" />
      <div className="grid lg:col-span-2 xl:col-span-1">
        <TimeChart {...common} axis={plain} reach={10} series={QUEUE} title="Orders in the queue" />
      </div>
    </div>
  );
}

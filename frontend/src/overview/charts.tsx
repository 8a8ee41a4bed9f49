import { type ComponentProps, useState } from 'react';
import { formatMs, formatQueued, formatRate, formatShortTime, formatTick } from '../browser/format.ts';
import { useLiveOf, useSilent } from '../browser/hooks.ts';
import type { Live } from '../browser/live-store.ts';
import type { PresentedChart as PresentedChartName } from '../live/class-view.ts';
import type { LivePoint } from '../live/live-types.ts';
import { Button } from '../ui/controls.tsx';
import { ChartRow, type ChartSeries, type TimeAxis, TimeChart } from '../ui/time-chart.tsx';
import { CHAOS_MARKS } from './chaos-bands.ts';

type LiveSeries = ChartSeries<LivePoint>;

const ORDERS: readonly LiveSeries[] = [
  { value: ({ confirmed }) => confirmed, label: 'confirmed', color: '--series-confirmed', format: formatRate },
  { value: ({ queued }) => queued, label: 'queued', color: '--series-queued', format: formatRate },
  { value: ({ failed }) => failed, label: 'failed', color: '--series-failed', format: formatRate },
];
const TIMES: readonly LiveSeries[] = [
  { value: ({ p50_ms }) => p50_ms, label: 'p50', color: '--series-p50', format: formatMs },
  { value: ({ p95_ms }) => p95_ms, label: 'p95', color: '--series-p95', format: formatMs },
];
const QUEUE: readonly LiveSeries[] = [
  { value: ({ queue }) => queue, label: 'waiting', color: '--series-queued', format: formatQueued },
];

type Fixed = 'title' | 'axis' | 'series' | 'reach' | 'empty' | 'stacked';

/** The charts over the live data; each can be presented alone. */
const LIVE_CHARTS: Record<PresentedChartName, Pick<ComponentProps<typeof TimeChart<LivePoint>>, Fixed>> = {
  orders: {
    title: 'Orders per second',
    axis: formatTick,
    series: ORDERS,
    reach: 4,
    stacked: true,
    empty: 'No scrape of the order service has arrived yet.',
  },
  times: {
    title: 'Response time',
    axis: formatShortTime,
    series: TIMES,
    reach: 20,
    empty: 'No request has ended in this time.',
  },
  queue: {
    title: 'Queue',
    axis: formatTick,
    series: QUEUE,
    reach: 4,
    empty: 'The queue depth has not been received yet.',
  },
};

const RANGES = [
  [5, '5 min'],
  [15, '15 min'],
  [60, '1 h'],
] as const;

/** A time axis of the last minutes; each is made once, because a new axis makes a new chart. */
const AXES = Object.fromEntries(RANGES.map(([minutes]) => [minutes, lastMinutes(minutes)]));
export const LAST_FIVE_MINUTES = lastMinutes(5);

function lastMinutes(minutes: number): TimeAxis<LivePoint> {
  return {
    range: (points) => {
      const end = points.at(-1)?.t ?? Math.round(Date.now() / 1000);
      return [end - minutes * 60, end];
    },
    splits: (_, max) => [0.2, 0.4, 0.6, 0.8].map((part) => max - minutes * 60 * part),
    label: (split, max) => `-${Math.round((max - split) / 60)} min`,
  };
}

const pointsOf = ({ points }: Live) => points;

/** The last minutes, shaded while faults were active. They can be paused, to look at a moment. */
export function Charts() {
  const live = useLiveOf(pointsOf);
  const [minutes, setMinutes] = useState(5);
  const [paused, setPaused] = useState<readonly LivePoint[] | null>(null);
  const silent = useSilent();
  const points = paused ?? live;
  const common = {
    points,
    ...CHAOS_MARKS,
    ended: silent || paused !== null,
    time: AXES[minutes] ?? LAST_FIVE_MINUTES,
  };
  return (
    <section aria-label="Charts" className="space-y-2">
      <div className="flex flex-wrap items-center gap-1">
        {RANGES.map(([value, text]) => (
          <Button aria-pressed={minutes === value} key={value} onClick={() => setMinutes(value)} small text={text} />
        ))}
        <Button
          aria-pressed={paused !== null}
          icon={paused === null ? 'pause' : 'play'}
          onClick={() => setPaused(paused === null ? live : null)}
          small
          text={paused === null ? 'Pause' : 'Go on'}
        />
        <span className="ml-2 text-sm text-muted">Red: a fault was active, with a line for each at the same time.</span>
      </div>
      <ChartRow>
        <TimeChart {...common} {...LIVE_CHARTS.orders} />
        <TimeChart {...common} {...LIVE_CHARTS.times} />
        <TimeChart {...common} {...LIVE_CHARTS.queue} />
      </ChartRow>
    </section>
  );
}

/** One of the charts by itself, large enough for a wall. */
export function PresentedChart({ chart }: { chart: PresentedChartName }) {
  const points = useLiveOf(pointsOf);
  const ended = useSilent();
  return (
    <TimeChart
      {...LIVE_CHARTS[chart]}
      {...CHAOS_MARKS}
      ended={ended}
      height={420}
      key={chart}
      points={points}
      time={LAST_FIVE_MINUTES}
    />
  );
}

import { formatMs, formatQueued, formatRate, formatShortTime, formatTick } from '../browser/format.ts';
import { useLive, useSilence } from '../browser/hooks.ts';
import { type LivePoint, POINTS_KEPT } from '../live/live-types.ts';
import { ChartRow, type ChartSeries, type TimeAxis, TimeChart } from '../ui/time-chart.tsx';
import { chaosBands } from './chaos-bands.ts';

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

const LAST_FIVE_MINUTES: TimeAxis<LivePoint> = {
  range: (points) => {
    const end = points.at(-1)?.t ?? Math.round(Date.now() / 1000);
    return [end - POINTS_KEPT, end];
  },
  splits: (_, max) => [1, 2, 3, 4].map((minutes) => max - minutes * 60),
  label: (split, max) => `-${Math.round((max - split) / 60)} min`,
};

/** The last five minutes, shaded while faults were active. */
export function Charts() {
  const { points } = useLive();
  const ended = useSilence().silent;
  const common = { points, bands: chaosBands, ended, time: LAST_FIVE_MINUTES };
  const noOrders = 'No scrape of the order service has arrived yet.';
  const noTimes = 'No request ended in the last five minutes.';
  const noQueue = 'The queue depth has not been received yet.';
  return (
    <ChartRow>
      <TimeChart {...common} axis={formatTick} empty={noOrders} reach={4} series={ORDERS} title="Orders per second" />
      <TimeChart {...common} axis={formatShortTime} empty={noTimes} reach={20} series={TIMES} title="Response time" />
      <TimeChart {...common} axis={formatTick} empty={noQueue} reach={4} series={QUEUE} title="Queue" />
    </ChartRow>
  );
}

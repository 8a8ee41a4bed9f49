'use client';

import { formatCount, formatMs, formatRate } from '../browser/format.ts';
import { STALE_AFTER_MS, useLive, useSilence } from '../browser/hooks.ts';
import { LiveChart, type LiveSeries } from './live-chart.tsx';

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
  { value: ({ queue }) => queue, label: 'waiting', color: '--series-queued', format: formatCount },
];

const rateAxis = (value: number) => (Number.isInteger(value) ? `${value}` : value.toFixed(1));
const timeAxis = (value: number) => (value < 1000 ? `${Math.round(value)} ms` : `${Math.round(value / 100) / 10} s`);

export function Charts() {
  const { points } = useLive();
  const silence = useSilence();
  const ended = silence !== null && silence > STALE_AFTER_MS;
  return (
    <div className="grid gap-3 lg:grid-cols-2 xl:grid-cols-3">
      <LiveChart
        axis={rateAxis}
        empty="No scrape of the order service has arrived yet."
        ended={ended}
        points={points}
        reach={4}
        series={ORDERS}
        title="Orders per second"
      />
      <LiveChart
        axis={timeAxis}
        empty="No request ended in the last five minutes."
        ended={ended}
        points={points}
        reach={20}
        series={TIMES}
        title="Response time"
      />
      <div className="grid lg:col-span-2 xl:col-span-1">
        <LiveChart
          axis={rateAxis}
          empty="The queue's depth was not received yet."
          ended={ended}
          points={points}
          reach={4}
          series={QUEUE}
          title="Queue"
        />
      </div>
    </div>
  );
}

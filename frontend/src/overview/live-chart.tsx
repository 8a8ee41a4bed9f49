'use client';

import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { LivePoint } from '../live/live-types.ts';
import { POINTS_KEPT } from '../live/live-types.ts';
import { THEME_CHANGED } from '../ui/theme.ts';
import { chaosBands } from './chaos-bands.ts';

export interface ChartSeries {
  readonly key: keyof LivePoint;
  readonly label: string;
  /** A CSS custom property. */
  readonly color: string;
  readonly format: (value: number | null) => string;
}

interface Props {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly points: readonly LivePoint[];
  readonly axis: (value: number) => string;
  /** The axis reaches at least this high, so that a quiet chart looks quiet. */
  readonly reach: number;
  readonly empty: string;
}

const HEIGHT = 150;

/** A chart of the last five minutes. Seconds in which a fault was in force are shaded; missing seconds are gaps. */
export function LiveChart({ title, series, points, axis, reach, empty }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef(points);
  shown.current = points;
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const changed = () => setTheme((count) => count + 1);
    const system = matchMedia('(prefers-color-scheme: dark)');
    window.addEventListener(THEME_CHANGED, changed);
    system.addEventListener('change', changed);
    return () => {
      window.removeEventListener(THEME_CHANGED, changed);
      system.removeEventListener('change', changed);
    };
  }, []);
  // `series` and `axis` are constants of the caller; the plot is made again only for another theme.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = new uPlot(
      options(element, series, axis, reach, () => shown.current),
      columns(shown.current, series),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [theme]);
  useEffect(() => plot.current?.setData(columns(points, series)), [points, series]);
  const last = points.at(-1);
  const hasData = points.some((point) => series.some((one) => point[one.key] !== null));
  return (
    <section aria-label={title} className="card">
      <div className="mb-1 flex flex-wrap items-baseline justify-between gap-x-3">
        <h2>{title}</h2>
        <ul className="flex flex-wrap gap-x-3 text-[0.92rem]">
          {series.map((one) => (
            <li className="inline-flex items-center gap-1.5" key={one.key}>
              <span aria-hidden="true" className="h-[3px] w-3 rounded" style={{ background: `var(${one.color})` }} />
              <span className="text-muted">{one.label}</span>
              <span className="font-medium">{one.format(last?.[one.key] ?? null)}</span>
            </li>
          ))}
        </ul>
      </div>
      <div className="relative">
        <div aria-hidden="true" ref={host} style={{ height: HEIGHT }} />
        {hasData ? null : (
          <p className="absolute inset-0 grid place-items-center px-4 text-center text-muted">{empty}</p>
        )}
      </div>
    </section>
  );
}

function columns(points: readonly LivePoint[], series: readonly ChartSeries[]): uPlot.AlignedData {
  const times = points.map((point) => point.t);
  return [times, ...series.map((one) => points.map((point) => point[one.key] as number | null))];
}

function options(
  element: HTMLElement,
  series: readonly ChartSeries[],
  axis: (value: number) => string,
  reach: number,
  points: () => readonly LivePoint[],
): uPlot.Options {
  const color = (name: string) => resolveColor(element, name);
  const line = color('--line');
  const text = color('--muted');
  const font = '12px system-ui, sans-serif';
  const band = color('--chaos-band');
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: true, range: () => timeRange(points()) },
      y: { range: (_, __, max) => [0, Math.max(reach, (max ?? 0) * 1.12)] },
    },
    axes: [
      {
        stroke: text,
        font,
        grid: { show: false },
        ticks: { show: false },
        size: 24,
        splits: (plot) => [1, 2, 3, 4].map((minutes) => (plot.scales.x?.max ?? 0) - minutes * 60),
        // What matters is how long ago, not the hour.
        values: () => ['-1 min', '-2 min', '-3 min', '-4 min'],
      },
      {
        stroke: text,
        font,
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
        size: 52,
        space: 34,
        values: (_, ticks) => ticks.map(axis),
      },
    ],
    series: [
      {},
      ...series.map((one) => ({
        stroke: color(one.color),
        width: 1.6,
        points: { show: false },
        spanGaps: false,
      })),
    ],
    hooks: { drawClear: [(plot) => drawChaos(plot, points(), band)] },
  };
}

function timeRange(points: readonly LivePoint[]): [number, number] {
  const end = points.at(-1)?.t ?? Math.round(Date.now() / 1000);
  return [end - POINTS_KEPT, end];
}

function drawChaos(plot: uPlot, points: readonly LivePoint[], color: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = color;
  for (const { start, end } of chaosBands(points)) {
    const left = Math.max(bbox.left, plot.valToPos(start - 1, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(end, 'x', true));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

/** Canvas knows no custom properties and no light-dark(): the browser resolves them on a real element. */
function resolveColor(element: HTMLElement, name: string): string {
  const before = element.style.color;
  element.style.color = `var(${name})`;
  const color = getComputedStyle(element).color;
  element.style.color = before;
  return color;
}

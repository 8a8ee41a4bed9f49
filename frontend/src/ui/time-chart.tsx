import { type ReactNode, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Band } from './bands.ts';
import { THEME_CHANGED } from './theme.ts';

export interface ChartSeries<P> {
  readonly label: string;
  /** A CSS custom property. */
  readonly color: string;
  readonly value: (point: P) => number | null;
  readonly format: (value: number | null) => string;
}

/** The time axis, in seconds. */
export interface TimeAxis<P> {
  readonly range: (points: readonly P[]) => [number, number];
  readonly splits: (min: number, max: number) => number[];
  readonly label: (split: number, max: number) => string;
}

interface Props<P> {
  readonly title: string;
  /** `series`, `axis`, `time` and `bands` must be constants of the caller. */
  readonly series: readonly ChartSeries<P>[];
  readonly points: readonly P[];
  readonly axis: (value: number) => string;
  readonly time: TimeAxis<P>;
  readonly bands: (points: readonly P[]) => readonly Band[];
  /** The least height of the axis: a quiet chart must look quiet. */
  readonly reach: number;
  readonly empty: string;
  /** The last point is not current, so the legend shows no values. */
  readonly ended?: boolean;
}

const HEIGHT = 150;

/** A chart over time, shaded while faults were active, with gaps where nothing is known. */
export function TimeChart<P extends { readonly t: number }>(props: Props<P>) {
  const { title, series, points, empty, ended = false } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef(points);
  shown.current = points;
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const changed = () => setTheme((count) => count + 1);
    const ended = new AbortController();
    window.addEventListener(THEME_CHANGED, changed, ended);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed, ended);
    return () => ended.abort();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: all but the theme is constant
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const chosen = options(element, props, () => shown.current);
    const made = new uPlot(chosen, columns(shown.current, series), element);
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
  const hasData = points.some((point) => series.some((one) => one.value(point) !== null));
  return (
    <section aria-label={title} className="card">
      <div className="mb-1 flex flex-wrap items-baseline justify-between gap-x-3">
        <h2>{title}</h2>
        <ul className="flex flex-wrap gap-x-3 text-[0.92rem]">
          {series.map((one) => (
            <li className="inline-flex items-center gap-1.5" key={one.label}>
              <span aria-hidden="true" className="h-[3px] w-3 rounded" style={{ background: `var(${one.color})` }} />
              <span className="text-muted">{one.label}</span>
              {ended ? null : <span className="font-medium">{one.format(last ? one.value(last) : null)}</span>}
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

/** Three charts side by side; if only two fit, the third takes the next row. */
export function ChartRow({ children: [first, second, third] }: { children: [ReactNode, ReactNode, ReactNode] }) {
  return (
    <div className="grid gap-3 lg:grid-cols-2 xl:grid-cols-3">
      {first}
      {second}
      <div className="grid lg:col-span-2 xl:col-span-1">{third}</div>
    </div>
  );
}

function columns<P extends { readonly t: number }>(
  points: readonly P[],
  series: Props<P>['series'],
): uPlot.AlignedData {
  return [points.map(({ t }) => t), ...series.map((one) => points.map(one.value))];
}

function options<P>(element: HTMLElement, props: Props<P>, points: () => readonly P[]): uPlot.Options {
  const { series, axis, time, bands, reach } = props;
  const color = (name: string) => resolveColor(element, name);
  const band = color('--chaos-band');
  const common = { stroke: color('--muted'), font: '12px system-ui, sans-serif', ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: false, range: () => time.range(points()) },
      y: { range: (_, __, max) => [0, Math.max(reach, (max ?? 0) * 1.12)] },
    },
    axes: [
      {
        ...common,
        grid: { show: false },
        size: 24,
        splits: ({ scales: { x } }) => time.splits(x?.min ?? 0, x?.max ?? 0),
        values: ({ scales: { x } }, splits) => splits.map((split) => time.label(split, x?.max ?? 0)),
      },
      {
        ...common,
        grid: { stroke: color('--line'), width: 1 },
        size: 52,
        space: 34,
        values: (_, ticks) => ticks.map(axis),
      },
    ],
    series: [
      {},
      ...series.map((one) => ({ stroke: color(one.color), width: 1.6, points: { show: false }, spanGaps: false })),
    ],
    hooks: { drawClear: [(plot) => shade(plot, bands(points()), band)] },
  };
}

function shade(plot: uPlot, bands: readonly Band[], color: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = color;
  for (const { start, end } of bands) {
    const left = Math.max(bbox.left, plot.valToPos(start - 1, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(end, 'x', true));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

/** A canvas understands neither custom properties nor light-dark(), so a real element resolves them. */
function resolveColor(element: HTMLElement, name: string): string {
  const before = element.style.color;
  element.style.color = `var(${name})`;
  const color = getComputedStyle(element).color;
  element.style.color = before;
  return color;
}

import { type ReactNode, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatTime } from '../browser/format.ts';
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
  /** One row of spans per fault, drawn above the curves. */
  readonly lanes?: (points: readonly P[]) => ReadonlyArray<readonly Band[]>;
  /** The series are parts of a whole, drawn on top of each other as areas. */
  readonly stacked?: boolean;
  /** The time of a point, in words. */
  readonly moment?: (t: number) => string;
  /** The least height of the axis: a quiet chart must look quiet. */
  readonly reach: number;
  readonly empty: string;
  /** The last point is not current, so the legend shows no values. */
  readonly ended?: boolean;
}

const HEIGHT = 150;

/** All charts of a page show the crosshair at the same time. */
const SYNC = 'valerix';

/**
 * A chart over time, shaded while faults were active, with gaps where nothing is known. Under the mouse, the legend has the values of that
 * moment, otherwise the last ones.
 */
export function TimeChart<P extends { readonly t: number }>(props: Props<P>) {
  const { title, series, points, empty, time, stacked = false, ended = false, moment = formatClock } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef(points);
  shown.current = points;
  const [theme, setTheme] = useState(0);
  const [at, setAt] = useState<number | null>(null);
  useEffect(() => {
    const changed = () => setTheme((count) => count + 1);
    const ended = new AbortController();
    window.addEventListener(THEME_CHANGED, changed, ended);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed, ended);
    return () => ended.abort();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: all but the theme and the time axis is constant
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const chosen = options(element, props, () => shown.current, setAt);
    const made = new uPlot(chosen, columns(shown.current, series, stacked), element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [theme, time]);
  useEffect(() => plot.current?.setData(columns(points, series, stacked)), [points, series, stacked]);
  const chosen = at === null ? undefined : points[at];
  const last = chosen ?? points.at(-1);
  const hasData = points.some((point) => series.some((one) => one.value(point) !== null));
  return (
    <section aria-label={`Chart: ${title}`} className="card">
      <div className="mb-1">
        <h2>
          {title} <span className="font-normal text-[0.92rem] text-muted">{chosen ? moment(chosen.t) : null}</span>
        </h2>
        <ul className="flex min-h-[1.4rem] flex-wrap gap-x-3 text-[0.92rem]">
          {series.map((one) => (
            <li className="inline-flex items-center gap-1.5" key={one.label}>
              <span aria-hidden="true" className="h-[3px] w-3 rounded" style={{ background: `var(${one.color})` }} />
              <span className="text-muted">{one.label}</span>
              {ended && !chosen ? null : (
                <span className="min-w-[3.2em] font-medium">{one.format(last ? one.value(last) : null)}</span>
              )}
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

function formatClock(t: number): string {
  return `at ${formatTime(new Date(t * 1000).toISOString())}`;
}

/** The data as uPlot wants it. Stacked series hold the sum up to their own; the legend shows each by itself. */
function columns<P extends { readonly t: number }>(
  points: readonly P[],
  series: Props<P>['series'],
  stacked: boolean,
): uPlot.AlignedData {
  const own = series.map((one) => points.map(one.value));
  const shown = stacked
    ? own.map((_, index) =>
        points.map((_point, at) =>
          own.slice(0, index + 1).reduce<number | null>((sum, values) => {
            const value = values[at] ?? null;
            return sum === null || value === null ? null : sum + value;
          }, 0),
        ),
      )
    : own;
  return [points.map(({ t }) => t), ...shown];
}

function options<P>(
  element: HTMLElement,
  props: Props<P>,
  points: () => readonly P[],
  setAt: (index: number | null) => void,
): uPlot.Options {
  const { series, axis, time, bands, lanes, reach, stacked = false } = props;
  const color = (name: string) => resolveColor(element, name);
  const band = color('--chaos-band');
  const common = { stroke: color('--muted'), font: '12px system-ui, sans-serif', ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false }, sync: { key: SYNC } },
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
      ...series.map((one) => ({
        stroke: color(one.color),
        ...(stacked && { fill: faint(color(one.color)) }),
        // A line of an empty part would lie on the part below it.
        width: stacked ? 0 : 1.6,
        points: { show: false },
        spanGaps: false,
      })),
    ],
    ...(stacked && {
      bands: series.slice(1).map((_, index) => ({ series: [index + 2, index + 1] as [number, number] })),
    }),
    hooks: {
      drawClear: [(plot) => shade(plot, bands(points()), band)],
      draw: [(plot) => drawLanes(plot, lanes?.(points()) ?? [], color('--bad'))],
      setCursor: [({ cursor }) => setAt(cursor.left === undefined || cursor.left < 0 ? null : (cursor.idx ?? null))],
    },
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

const LANE_HEIGHT = 3;

/** A thin row for each fault, so that two at a time stay two. */
function drawLanes(plot: uPlot, lanes: ReadonlyArray<readonly Band[]>, color: string): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.fillStyle = color;
  lanes.forEach((spans, row) => {
    for (const { start, end } of spans) {
      const left = Math.max(bbox.left, plot.valToPos(start - 1, 'x', true));
      const right = Math.min(bbox.left + bbox.width, plot.valToPos(end, 'x', true));
      const top = bbox.top + row * (LANE_HEIGHT + 2) * scale;
      if (right > left) ctx.fillRect(left, top, right - left, LANE_HEIGHT * scale);
    }
  });
  ctx.restore();
}

/** The colour of an area under a line of this colour. */
const faint = (color: string): string => color.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.55)');

/** A canvas understands neither custom properties nor light-dark(), so a real element resolves them. */
function resolveColor(element: HTMLElement, name: string): string {
  const before = element.style.color;
  element.style.color = `var(${name})`;
  const color = getComputedStyle(element).color;
  element.style.color = before;
  return color;
}

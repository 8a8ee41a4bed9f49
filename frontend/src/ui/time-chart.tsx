import { type KeyboardEvent, type PointerEvent, type ReactNode, useMemo, useSyncExternalStore } from 'react';
import { formatTime } from '../browser/format.ts';
import type { Band } from './bands.ts';
import { areaOf, lineOf, type Scale, stackedOn, ticksOf } from './chart-paths.ts';
import { momentAfter } from './moment-after.ts';

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
  /** Whose it is, where several charts of one title are on a page. */
  readonly of?: string | undefined;
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
  /** In pixels. */
  readonly height?: number;
}

const HEIGHT = 150;

/** All charts of a page show the crosshair at the same time. */
const crosshair = {
  t: null as number | null,
  listeners: new Set<() => void>(),
  subscribe(listener: () => void): () => void {
    crosshair.listeners.add(listener);
    return () => crosshair.listeners.delete(listener);
  },
  move(t: number | null): void {
    crosshair.t = t;
    for (const listener of crosshair.listeners) listener();
  },
};
const useCrosshair = (): number | null =>
  useSyncExternalStore(
    crosshair.subscribe,
    () => crosshair.t,
    () => null,
  );

/**
 * A chart over time, shaded while faults were active, with gaps where nothing is known. The legend has the values of the moment under the
 * mouse, of one that a finger touched or the arrow keys reached, otherwise the last ones. It is drawn in SVG that stretches with its place; the labels of the axes are text beside it.
 */
export function TimeChart<P extends { readonly t: number }>(props: Props<P>) {
  const { title, series, points, empty, time, ended = false, height = HEIGHT, moment = formatClock } = props;
  const [from, to] = time.range(points);
  const crossed = useCrosshair();
  const aimed = crossed === null || crossed < from || crossed > to ? null : crossed;
  const chosen = aimed === null ? undefined : nearest(points, aimed);
  const last = chosen ?? points.at(-1);
  const hasData = points.some((point) => point.t >= from && series.some((one) => one.value(point) !== null));
  const aim = ({ currentTarget, clientX, pointerType, type }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    // A finger that moves scrolls the page.
    if (pointerType === 'mouse' || type === 'pointerdown')
      crosshair.move(from + ((clientX - left) / width) * (to - from));
  };
  const leave = ({ pointerType }: PointerEvent) => {
    if (pointerType === 'mouse') crosshair.move(null);
  };
  const step = (event: KeyboardEvent) => {
    const next = momentAfter(event.key, aimed, [from, to]);
    if (next === undefined) return;
    event.preventDefault();
    crosshair.move(next);
  };
  const values = series.map((one) => `${one.label} ${one.format(last ? one.value(last) : null)}`).join(', ');
  return (
    <section aria-label={`Chart: ${title}${props.of ? `, ${props.of}` : ''}`} className="card">
      <div className="mb-1">
        <h2>
          {title} <span className="font-normal text-muted text-sm">{chosen ? moment(chosen.t) : null}</span>
        </h2>
        <ul className="flex min-h-[1.4rem] flex-wrap gap-x-3 text-sm">
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
      <div className="relative" style={{ height }}>
        <Drawing {...props} from={from} to={to} />
        <div
          aria-label={`Moment of the chart: ${title}`}
          aria-valuemax={Math.round(to - from)}
          aria-valuemin={0}
          aria-valuenow={Math.round((chosen?.t ?? to) - from)}
          aria-valuetext={`${chosen ? moment(chosen.t) : 'latest'}: ${values}`}
          className="absolute top-2 right-2 bottom-6 left-13"
          onBlur={() => crosshair.move(null)}
          onKeyDown={step}
          onPointerDown={aim}
          onPointerLeave={leave}
          onPointerMove={aim}
          role="slider"
          tabIndex={0}
        >
          {chosen ? (
            <div
              className="absolute inset-y-0 w-px bg-line-strong"
              style={{ left: `${((chosen.t - from) / (to - from)) * 100}%` }}
            />
          ) : null}
        </div>
        {hasData ? null : (
          <p className="absolute inset-0 grid place-items-center px-4 text-center text-muted">{empty}</p>
        )}
      </div>
    </section>
  );
}

/** The plot and its axes. */
function Drawing<P extends { readonly t: number }>(props: Props<P> & { readonly from: number; readonly to: number }) {
  const { points, series, axis, time, bands, lanes, reach, stacked = false, height = HEIGHT, from, to } = props;
  const drawn = useMemo(() => {
    const shown = points.filter(({ t }, index) => t >= from || (points[index + 1]?.t ?? 0) >= from);
    const own = series.map((one) => shown.map(one.value));
    const values = stacked ? stackedOn(own) : own;
    const top = Math.max(reach, 1.12 * Math.max(0, ...values.flat().filter((value) => value !== null)));
    const scale: Scale = { from, to, top };
    const times = shown.map(({ t }) => t);
    const paths = values.map((line, index) =>
      stacked ? areaOf(scale, times, line, values[index - 1] ?? null) : lineOf(scale, times, line),
    );
    return { top, paths, bands: bands(shown), lanes: lanes?.(shown) ?? [] };
  }, [points, series, stacked, reach, from, to, bands, lanes]);
  const place = ({ start, end }: Band) => {
    const left = Math.max(0, (start - 1 - from) / (to - from));
    return { x: left * 1000, width: Math.max(0, Math.min(1, (end - from) / (to - from)) - left) * 1000 };
  };
  const ticks = ticksOf(drawn.top);
  return (
    <div aria-hidden="true" className="text-muted text-xs">
      {ticks.map((tick) => (
        <span
          className="absolute top-0 left-0 w-12 pr-1 text-right leading-none"
          key={tick}
          // A transform, since a label that moves with the scale is no shift of the page's content.
          style={{ transform: `translateY(${Math.round(2 + (1 - tick / drawn.top) * (height - 32))}px)` }}
        >
          {axis(tick)}
        </span>
      ))}
      <svg
        aria-hidden="true"
        className="absolute top-2 left-13 h-[calc(100%-32px)] w-[calc(100%-60px)]"
        preserveAspectRatio="none"
        viewBox="0 0 1000 1000"
      >
        {drawn.bands.map((band) => (
          <rect fill="var(--chaos-band)" height="1000" key={band.start} y="0" {...place(band)} />
        ))}
        {ticks.map((tick) => {
          const y = 1000 - (tick / drawn.top) * 1000;
          return <path d={`M0 ${y}H1000`} key={tick} stroke="var(--line)" vectorEffect="non-scaling-stroke" />;
        })}
        {series.map(({ label, color }, index) => (
          <path
            d={drawn.paths[index]}
            fill={stacked ? `var(${color})` : 'none'}
            fillOpacity={0.55}
            key={label}
            stroke={stacked ? 'none' : `var(${color})`}
            strokeLinejoin="round"
            strokeWidth={1.6}
            vectorEffect="non-scaling-stroke"
          />
        ))}
        {drawn.lanes.map((spans, row) =>
          spans.map((span) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a lane is its row
            <rect fill="var(--bad)" height="24" key={`${row} ${span.start}`} y={row * 42} {...place(span)} />
          )),
        )}
      </svg>
      {time.splits(from, to).map((split) => (
        <span
          className="absolute bottom-0 -translate-x-1/2 whitespace-nowrap"
          key={split - to}
          style={{ left: `calc(52px + (100% - 60px) * ${(split - from) / (to - from)})` }}
        >
          {time.label(split, to)}
        </span>
      ))}
    </div>
  );
}

/** The point whose time is closest. */
function nearest<P extends { readonly t: number }>(points: readonly P[], t: number): P | undefined {
  const after = points.findIndex((point) => point.t >= t);
  if (after <= 0) return points.at(after);
  const [before, next] = [points[after - 1], points[after]];
  return before && next && t - before.t < next.t - t ? before : next;
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

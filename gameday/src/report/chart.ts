import { html, type Markup } from './html.ts';

export interface Series {
  name: string;
  /** A class of the style sheet that gives the colour. */
  tone: string;
  /** One value per second; undefined where nothing is known. */
  values: (number | undefined)[];
}

interface Band {
  from: number;
  to: number;
  label: string;
}

export interface ChartOptions {
  title: string;
  unit: string;
  /** Length of the time axis, seconds. */
  seconds: number;
  series: Series[];
  bands: Band[];
  /** Areas on top of each other, or lines. */
  kind: 'stacked' | 'lines';
  format: (value: number) => string;
  /** Where the method ended and only the drain went on, seconds. */
  end?: number | undefined;
}

export const WIDTH = 1000;
const HEIGHT = 190;
export const LEFT = 64;
const BOTTOM = 22;
const TOP = 10;
export const PLOT = { width: WIDTH - LEFT - 8, height: HEIGHT - TOP - BOTTOM };
/** More points than this cannot be told apart at the chart's width. */
const MAX_POINTS = 480;

/** A chart over time as inline SVG, the faults shaded behind it. */
export function chart(options: ChartOptions): Markup {
  const layers = options.kind === 'stacked' ? stack(options.series) : options.series;
  const step = Math.max(1, Math.ceil(options.seconds / MAX_POINTS));
  const points = layers.map(({ values }) => thin(values, step));
  const top = niceCeiling(Math.max(1, ...points.flat().map((value) => value ?? 0)));
  const x = (second: number) => LEFT + (PLOT.width * second) / Math.max(1, options.seconds);
  const y = (value: number) => TOP + PLOT.height * (1 - value / top);
  const shapes =
    options.kind === 'stacked'
      ? options.series.map(({ tone }, index) => area(points, index, step, x, y, tone)).toReversed()
      : options.series.map(({ tone }, index) => line(points[index] as Values, step, x, y, tone));
  return html`<figure class="chart">
    <figcaption><span>${options.title}</span>${legend(options.series)}</figcaption>
    <div class="plot"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${options.title}">
      ${options.bands.map((band) => shade(band, x))}
      ${[0, 0.5, 1].map((share) => gridLine(y(top * share), options.format(top * share)))}
      ${shapes}
      ${timeTicks(options.seconds).map((second) => tick(x(second), `${second} s`))}
      ${options.end === undefined ? '' : html`<line class="end" x1="${x(options.end)}" x2="${x(options.end)}" y1="${TOP}" y2="${TOP + PLOT.height}"/>`}
    </svg></div></figure>`;
}

type Values = (number | undefined)[];

function stack(series: readonly Series[]): Series[] {
  const sums: number[] = [];
  return series.map((one) => ({
    ...one,
    values: one.values.map((value, second) => {
      sums[second] = (sums[second] ?? 0) + (value ?? 0);
      return sums[second];
    }),
  }));
}

/** The highest of every `step` values: a peak must not be thinned away. */
function thin(values: Values, step: number): Values {
  if (step === 1) return values;
  return Array.from({ length: Math.ceil(values.length / step) }, (_, index) => {
    const known = values.slice(index * step, (index + 1) * step).filter((value) => value !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  });
}

function area(
  points: Values[],
  index: number,
  step: number,
  x: (second: number) => number,
  y: (value: number) => number,
  tone: string,
): Markup {
  const upper = points[index] as Values;
  const lower = points[index - 1];
  const at = (values: Values | undefined, second: number) =>
    `${round(x(second * step))},${round(y(values?.[second] ?? 0))}`;
  const there = upper.map((_, second) => at(upper, second));
  const back = upper.map((_, second) => at(lower, second)).toReversed();
  return html`<polygon class="area ${tone}" points="${[...there, ...back].join(' ')}"/>`;
}

function line(
  values: Values,
  step: number,
  x: (second: number) => number,
  y: (value: number) => number,
  tone: string,
): Markup {
  let path = '';
  let pen = 'M';
  values.forEach((value, index) => {
    if (value === undefined) {
      pen = 'M';
      return;
    }
    path += `${pen}${round(x(index * step))} ${round(y(value))}`;
    pen = 'L';
  });
  return html`<path class="line ${tone}" d="${path}"/>`;
}

function shade({ from, to, label }: Band, x: (second: number) => number): Markup {
  // A fault of a moment is a line that can still be seen.
  const width = Math.max(2, x(to) - x(from));
  return html`<rect class="fault" x="${round(x(from))}" y="${TOP}" width="${round(width)}" height="${PLOT.height}"><title>${label}</title></rect>`;
}

const gridLine = (y: number, label: string): Markup =>
  html`<line class="grid" x1="${LEFT}" x2="${WIDTH - 8}" y1="${round(y)}" y2="${round(y)}"/><text class="axis" x="${LEFT - 8}" y="${round(y) + 4}" text-anchor="end">${label}</text>`;

/** A label at the right edge ends there: half of it would be cut off. */
const tick = (x: number, label: string): Markup =>
  html`<text class="axis" x="${round(x)}" y="${HEIGHT - 6}" text-anchor="${x > WIDTH - 30 ? 'end' : 'middle'}">${label}</text>`;

const legend = (series: readonly Series[]): Markup =>
  html`<span class="legend">${series.map(({ name, tone }) => html`<span><i class="${tone}"></i>${name}</span>`)}</span>`;

function timeTicks(seconds: number): number[] {
  const step = [5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800].find((one) => seconds / one <= 9) ?? 3600;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
}

/** The next of 1, 2, 2.5, 5 and 10 times a power of ten. */
export function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

const round = (value: number): number => Math.round(value * 10) / 10;

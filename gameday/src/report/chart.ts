import { html, type Markup } from './html.ts';

type Values = (number | undefined)[];

interface Series {
  name: string;
  /** A class of the style sheet that gives the colour. */
  tone: string;
  /** One value per second; undefined where the value is unknown. */
  values: Values;
}

interface Band {
  from: number;
  to: number;
  label: string;
}

export interface ChartOptions {
  title: string;
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
/** More points cannot be told apart at the chart's width. */
const MAX_POINTS = 480;

/** A chart over time as inline SVG, with the faults shaded behind it. */
export function chart({ title, seconds, series, bands, kind, format, end }: ChartOptions): Markup {
  const values = series.map((one) => one.values);
  const step = Math.max(1, Math.ceil(seconds / MAX_POINTS));
  const points = (kind === 'stacked' ? stack(values) : values).map((layer) => thin(layer, step));
  const top = niceCeiling(Math.max(1, ...points.flat().map((value) => value ?? 0)));
  const x = (second: number) => round(LEFT + (PLOT.width * second) / Math.max(1, seconds));
  const y = (value: number) => round(TOP + PLOT.height * (1 - value / top));
  const at = (value: number, index: number) => `${x(index * step)},${y(value)}`;
  const shapes = series.map(({ tone }, layer) => {
    const upper = points[layer] ?? [];
    if (kind === 'lines') return html`<path class="line ${tone}" d="${linePath(upper, at)}"/>`;
    const back = upper.map((_, index) => at(points[layer - 1]?.[index] ?? 0, index)).toReversed();
    const outline = [...upper.map((value, index) => at(value ?? 0, index)), ...back];
    return html`<polygon class="area ${tone}" points="${outline.join(' ')}"/>`;
  });
  return html`<figure class="chart">
    <figcaption><span>${title}</span>${legend(series)}</figcaption>
    <div class="plot"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
      ${bands.map((band) => shade(band, x))}
      ${[0, 0.5, 1].map((share) => gridLine(y(top * share), format(top * share)))}
      ${kind === 'stacked' ? shapes.toReversed() : shapes}
      ${timeTicks(seconds).map((second) => tick(x(second), `${second} s`))}
      ${end !== undefined && html`<line class="end" x1="${x(end)}" x2="${x(end)}" y1="${TOP}" y2="${TOP + PLOT.height}"/>`}
    </svg></div></figure>`;
}

/** Adds to each layer the layers before it. */
function stack(layers: readonly Values[]): Values[] {
  const sums: number[] = [];
  return layers.map((values) =>
    values.map((value, second) => {
      sums[second] = (sums[second] ?? 0) + (value ?? 0);
      return sums[second];
    }),
  );
}

/** The highest of every `step` values: thinning must keep the peaks. */
function thin(values: Values, step: number): Values {
  if (step === 1) return values;
  return Array.from({ length: Math.ceil(values.length / step) }, (_, index) => {
    const known = values.slice(index * step, (index + 1) * step).filter((value) => value !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  });
}

/** A line with a gap wherever the value is unknown. */
const linePath = (values: Values, at: (value: number, index: number) => string): string =>
  values
    .map((value, index) =>
      value === undefined ? '' : `${values[index - 1] === undefined ? 'M' : 'L'}${at(value, index)}`,
    )
    .join('');

function shade({ from, to, label }: Band, x: (second: number) => number): Markup {
  // Even a momentary fault is a visible line.
  const width = Math.max(2, x(to) - x(from));
  return html`<rect class="fault" x="${x(from)}" y="${TOP}" width="${round(width)}" height="${PLOT.height}"><title>${label}</title></rect>`;
}

const gridLine = (y: number, label: string): Markup =>
  html`<line class="grid" x1="${LEFT}" x2="${WIDTH - 8}" y1="${y}" y2="${y}"/><text class="axis" x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${label}</text>`;

/** A label near the right edge ends there; centred, half of it would be cut off. */
const tick = (x: number, label: string): Markup =>
  html`<text class="axis" x="${x}" y="${HEIGHT - 6}" text-anchor="${x > WIDTH - 30 ? 'end' : 'middle'}">${label}</text>`;

export const legend = (series: readonly Pick<Series, 'name' | 'tone'>[]): Markup =>
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

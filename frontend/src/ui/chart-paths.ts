/** The view of a chart: its times in seconds, and its highest value. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly top: number;
}
type Values = ReadonlyArray<number | null>;

/** SVG paths on a square of 1000 by 1000, upside down as SVG is. */
const xOf = ({ from, to }: Scale, t: number): number => Math.round(((t - from) / (to - from)) * 10_000) / 10;
const yOf = ({ top }: Scale, value: number): number => Math.round((1 - value / top) * 10_000) / 10;

/** The runs of known values, as first and last index. */
function runsOf(values: Values): Array<readonly [first: number, last: number]> {
  const runs: Array<readonly [number, number]> = [];
  values.forEach((value, index) => {
    const last = runs.at(-1);
    if (value === null) return;
    if (last?.[1] === index - 1) runs[runs.length - 1] = [last[0], index];
    else runs.push([index, index]);
  });
  return runs;
}

/** The corners of a run: a point between two equal ones is on their line, so a flat line is two points however long it is. */
function cornersOf(scale: Scale, times: readonly number[], values: Values, first: number, last: number): string[] {
  const corners: string[] = [];
  for (let index = first; index <= last; index++) {
    const value = values[index] ?? 0;
    const isFlat = index > first && index < last && values[index - 1] === value && values[index + 1] === value;
    if (!isFlat) corners.push(`${xOf(scale, times[index] ?? 0)} ${yOf(scale, value)}`);
  }
  return corners;
}

/** A line with gaps where a value is `null`. */
export function lineOf(scale: Scale, times: readonly number[], values: Values): string {
  return runsOf(values)
    .map(([first, last]) => `M${cornersOf(scale, times, values, first, last).join('L')}`)
    .join('');
}

/** The area between a line and the one below it, or the axis. */
export function areaOf(scale: Scale, times: readonly number[], values: Values, below: Values | null): string {
  const floor = below ?? values.map(() => 0);
  return runsOf(values)
    .map(([first, last]) => {
      const back = cornersOf(scale, times, floor, first, last).reverse();
      return `M${[...cornersOf(scale, times, values, first, last), ...back].join('L')}Z`;
    })
    .join('');
}

/** Each series on top of those before it; unknown where one of them is. */
export function stackedOn(series: readonly Values[]): Values[] {
  const stacked: Values[] = [];
  for (const values of series) {
    const below = stacked.at(-1);
    stacked.push(
      values.map((value, index) => {
        const base = below === undefined ? 0 : (below[index] ?? null);
        return value === null || base === null ? null : value + base;
      }),
    );
  }
  return stacked;
}

/** Two to five round marks from zero on: steps of 1, 2 or 5. */
export function ticksOf(top: number): number[] {
  const power = 10 ** Math.floor(Math.log10(top));
  const step = [0.2, 0.5, 1, 2, 5].map((one) => one * power).find((one) => top / one < 5) ?? power;
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => Math.round(index * step * 1000) / 1000);
}

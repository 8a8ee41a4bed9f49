/** Steps of the arrow keys over the width of a chart. */
const STEPS = 60;

/**
 * Where a key moves the moment that a chart shows, from where it was aimed, or from the chart's end. `null`: to no moment; `undefined`:
 * the key does nothing here. A step counts from the aim and not from the point that is shown: where points are far apart, the nearest
 * would be the same one again.
 */
export function momentAfter(
  key: string,
  aimed: number | null,
  [from, to]: readonly [from: number, to: number],
): number | null | undefined {
  const now = aimed ?? to;
  const step = (to - from) / STEPS;
  const moments: Record<string, number | null> = {
    ArrowLeft: Math.max(from, now - step),
    ArrowRight: Math.min(to, now + step),
    Home: from,
    End: to,
    Escape: null,
  };
  return moments[key];
}

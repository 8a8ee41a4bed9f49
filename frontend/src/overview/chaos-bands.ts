/** The spans, in seconds, in which at least one fault was in force. */
export function chaosBands(
  points: ReadonlyArray<{ readonly t: number; readonly faults: number | null }>,
): Array<{ start: number; end: number }> {
  const bands: Array<{ start: number; end: number }> = [];
  let open: { start: number; end: number } | null = null;
  for (const point of points) {
    if ((point.faults ?? 0) === 0) open = null;
    else if (open !== null) open.end = point.t;
    else {
      open = { start: point.t, end: point.t };
      bands.push(open);
    }
  }
  return bands;
}

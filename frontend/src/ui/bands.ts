/** A shaded part of a chart, in seconds. */
export interface Band {
  readonly start: number;
  readonly end: number;
}

/** The spans of consecutive points that fit. */
export function bandsWhere<P extends { t: number }>(points: readonly P[], fits: (point: P) => boolean): Band[] {
  const bands: Array<{ start: number; end: number }> = [];
  let open: { start: number; end: number } | undefined;
  for (const point of points) {
    if (!fits(point)) open = undefined;
    else if (open) open.end = point.t;
    else {
      open = { start: point.t, end: point.t };
      bands.push(open);
    }
  }
  return bands;
}

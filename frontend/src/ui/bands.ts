/** A shaded part of a chart, in seconds. */
export interface Band {
  readonly start: number;
  readonly end: number;
}

/** The spans of consecutive points that fit. A point of which nothing is known (`null`) ends no span, and begins none. */
export function bandsWhere<P extends { t: number }>(points: readonly P[], fits: (point: P) => boolean | null): Band[] {
  const bands: Array<{ start: number; end: number }> = [];
  let open: { start: number; end: number } | undefined;
  for (const point of points) {
    const fit = fits(point);
    if (fit === null) continue;
    if (!fit) open = undefined;
    else if (open) open.end = point.t;
    else {
      open = { start: point.t, end: point.t };
      bands.push(open);
    }
  }
  return bands;
}

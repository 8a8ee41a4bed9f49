/**
 * The quantile of a cumulative histogram, computed like PromQL's `histogram_quantile`: linear inside the bucket of the rank,
 * or the highest finite bound if the rank is beyond it. `null` for an empty histogram.
 * @param buckets cumulative counts by upper bound (`le`); the last bound is +Inf
 */
export function histogramQuantile(quantile: number, buckets: ReadonlyMap<number, number>): number | null {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const total = sorted.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  const rank = quantile * total;
  let lower = 0;
  let below = 0;
  for (const [upper, count] of sorted) {
    if (count >= rank && count > below) {
      if (upper === Number.POSITIVE_INFINITY) return lower;
      return lower + ((upper - lower) * (rank - below)) / (count - below);
    }
    if (upper !== Number.POSITIVE_INFINITY) lower = upper;
    below = Math.max(below, count);
  }
  return lower;
}

/** The rank of a percentile among `count` sorted values, from 1: the first value that `share` of them do not exceed. */
export function nearestRank(count: number, share: number): number {
  // 0.07 × 100 is a little more than 7.
  return Math.max(1, Math.ceil(count * share - 1e-9));
}

/**
 * The percentile by nearest rank, the one definition for reports, benches and pages: always one of the values, never
 * between two. `share` is from 0 to 1.
 * @returns undefined without values
 */
export function percentile(values: readonly number[], share: number): number | undefined {
  return percentilesOf(values)(share);
}

/** Several percentiles of the same values, which are sorted once. */
export function percentilesOf(values: readonly number[]): (share: number) => number | undefined {
  const sorted = Float64Array.from(values).sort();
  return (share) => sorted[nearestRank(sorted.length, share) - 1];
}

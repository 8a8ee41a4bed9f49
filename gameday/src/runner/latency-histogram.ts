import { nearestRank } from '@valerix/contracts';

const GROWTH = Math.log(1.02);
const BUCKETS = 700;

/** Counts durations in buckets 2 % wide, from 0.1 ms to 100 s. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  count = 0;
  max = 0;

  add(ms: number): void {
    const bucket = Math.floor(Math.log(Math.max(ms, 0.1) / 0.1) / GROWTH);
    const index = Math.min(BUCKETS - 1, bucket);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.count++;
    if (ms > this.max) this.max = ms;
  }

  /** The percentile by nearest rank, to within 2 %, in milliseconds; 0 without durations. */
  quantile(share: number): number {
    if (this.count === 0) return 0;
    const wanted = nearestRank(this.count, share);
    let seen = 0;
    for (let index = 0; index < BUCKETS; index++) {
      seen += this.#counts[index] as number;
      if (seen >= wanted) return Math.min(this.max, 0.1 * Math.exp((index + 1) * GROWTH));
    }
    return this.max;
  }
}

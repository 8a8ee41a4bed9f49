import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { KEPT_SECONDS } from '../live/history.ts';
import type { LivePoint } from '../live/live-types.ts';

/** A second of which nothing is known: charts end their lines there. */
const nothingAt = (t: number): LivePoint => ({
  ...{ t, confirmed: null, queued: null, failed: null, p50_ms: null, p95_ms: null },
  ...{ queue: null, average_ms: null, faults: null },
});

/**
 * Keeps the points of the charts in a file, so that they outlive a restart. Some 640 points are 130 kB. A file that cannot be read or
 * written, or that is no list of points, costs the history only. Without a path it does nothing.
 */
export class ChartHistory {
  readonly #path: string | null;

  constructor(path: string | null) {
    this.#path = path;
  }

  /** The points of the last hour, and after them one that is unknown. */
  load(nowMs: number): LivePoint[] {
    if (this.#path === null) return [];
    const nowSeconds = nowMs / 1000;
    try {
      const read = JSON.parse(readFileSync(this.#path, 'utf8')) as LivePoint[];
      const kept = read.filter(({ t }) => t > nowSeconds - KEPT_SECONDS && t < nowSeconds);
      const last = kept.at(-1);
      return last === undefined ? [] : [...kept, nothingAt(last.t + 1)];
    } catch {
      return [];
    }
  }

  save(points: readonly LivePoint[]): void {
    if (this.#path === null) return;
    try {
      // Renamed, so that a death leaves the file before or the file after.
      writeFileSync(`${this.#path}.new`, JSON.stringify(points));
      renameSync(`${this.#path}.new`, this.#path);
    } catch {
      // The charts go on without.
    }
  }
}

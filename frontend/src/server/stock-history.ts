import type { StockHistoryView } from '../live/stock-history.ts';
import type { MetricSample } from './prometheus-text.ts';

/** An hour in points of 30 s. */
const STEP_SECONDS = 30;
const KEPT = 120;
/** As many as the gauge has of a large catalogue. */
const MAX_ITEMS = 100;

/**
 * The available units of each item over the last hour, from the gauge of the inventory service. An item that the gauge no longer has is
 * kept for an hour, unless there are more than a hundred.
 */
export class StockHistory {
  #atMs = 0;
  readonly #items = new Map<string, Array<number | null>>();

  observe(samples: readonly MetricSample[], nowMs: number): void {
    if (nowMs - this.#atMs < STEP_SECONDS * 1000) return;
    this.#atMs = nowMs;
    const levels = new Map<string, number>();
    for (const { name, labels, value } of samples) {
      if (name === 'inventory_stock_level' && labels.item_id !== undefined) levels.set(labels.item_id, value);
    }
    for (const id of levels.keys()) if (!this.#items.has(id)) this.#items.set(id, []);
    for (const [id, points] of this.#items) {
      points.push(levels.get(id) ?? null);
      if (points.length > KEPT) points.shift();
      if (points.every((one) => one === null)) this.#items.delete(id);
    }
    const left = [...this.#items.keys()].filter((id) => !levels.has(id));
    for (const id of left.slice(0, Math.max(0, this.#items.size - MAX_ITEMS))) this.#items.delete(id);
  }

  get view(): StockHistoryView {
    return { step_seconds: STEP_SECONDS, items: Object.fromEntries(this.#items) };
  }
}

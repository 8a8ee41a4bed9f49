import type { Target } from '../targets/target.ts';
import { runHttp } from './providers.ts';

interface StockNeeded {
  /** Units by item, for the experiment as written. */
  stock: Readonly<Record<string, number>>;
  /** The orders of this run, relative to those of the experiment as written; below 1 counts as 1. */
  scale: number;
}

/** The most units that one restock may book. */
const BOOKING = 1_000_000;

/**
 * Books the stock that a run needs, through the public API. A longer or faster run brings more, or it would end in nothing but
 * refusals. Safe to repeat for the same run.
 */
export async function bringStock(target: Target, { stock, scale }: StockNeeded, run: string): Promise<void> {
  for (const [item, units] of Object.entries(stock)) {
    let missing = Math.ceil(units * Math.max(1, scale));
    for (let booking = 1; missing > 0; booking++, missing -= BOOKING) {
      await runHttp({
        type: 'http',
        url: `${target.services.inventory.urls[0]}/api/inventory/${item}/restock`,
        method: 'POST',
        headers: { authorization: `Bearer ${target.operatorToken}` },
        arguments: { restock_id: `${run}-${item}-${booking}`, quantity: Math.min(missing, BOOKING) },
        expected_status: 200,
      });
    }
  }
}

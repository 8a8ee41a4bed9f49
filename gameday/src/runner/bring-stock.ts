import type { Target } from '../targets/target.ts';
import { runHttp } from './providers.ts';

/** The most units that one restock may add. */
const BOOKING = 1_000_000;

/**
 * Restocks what a run needs, through the public API. Safe to repeat for the same run.
 * @param stock units by item, for the experiment as written
 * @param scale the orders of this run, relative to the experiment as written: more orders need more stock; below 1 counts as 1
 */
export async function bringStock(
  target: Target,
  stock: Readonly<Record<string, number>>,
  scale: number,
  run: string,
): Promise<void> {
  for (const [item, units] of Object.entries(stock)) {
    let missing = Math.ceil(units * Math.max(1, scale));
    for (let booking = 1; missing > 0; booking++, missing -= BOOKING) {
      await runHttp({
        url: `${target.services.inventory.urls[0]}/api/inventory/${item}/restock`,
        method: 'POST',
        headers: { authorization: `Bearer ${target.operatorToken}`, 'content-type': 'application/json' },
        arguments: { restock_id: `${run}-${item}-${booking}`, quantity: Math.min(missing, BOOKING) },
        expected_status: 200,
      });
    }
  }
}

import { answered, apiClient } from '@valerix/api-client';
import type { Target } from '../targets/target.ts';

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
  const inventory = apiClient('inventory', target.services.inventory.urls[0] as string, {
    token: target.operatorToken,
  });
  for (const [item_id, units] of Object.entries(stock)) {
    let missing = Math.ceil(units * Math.max(1, scale));
    for (let booking = 1; missing > 0; booking++, missing -= BOOKING) {
      const body = { restock_id: `${run}-${item_id}-${booking}`, quantity: Math.min(missing, BOOKING) };
      await answered(inventory.POST('/api/inventory/{item_id}/restock', { params: { path: { item_id } }, body }));
    }
  }
}

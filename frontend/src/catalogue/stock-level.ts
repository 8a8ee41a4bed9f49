import type { InventoryItem } from '@valerix/contracts';
import type { Look } from '../ui/status.tsx';

/** An item is low below this share of all its units, sold ones included. */
const LOW_SHARE = 0.15;

/** The look of an item's stock. */
export function stockLevel(item: Pick<InventoryItem, 'quantity' | 'taken_quantity'>): Look {
  if (item.quantity === 0) return { tone: 'bad', word: 'out of stock' };
  const all = item.quantity + (item.taken_quantity ?? 0);
  return item.quantity / all < LOW_SHARE ? { tone: 'warn', word: 'low' } : { tone: 'ok', word: 'in stock' };
}

import type { InventoryItem } from '@valerix/contracts';
import type { Tone } from '../ui/status.tsx';

/** Below this part of all units, sold ones included, an item counts as low. */
const LOW_SHARE = 0.15;

/** Out, low or in stock: the icon, word and colour of an item. */
export function stockLevel(item: Pick<InventoryItem, 'quantity' | 'reserved_quantity'>): { tone: Tone; word: string } {
  if (item.quantity === 0) return { tone: 'bad', word: 'out of stock' };
  const all = item.quantity + item.reserved_quantity;
  return item.quantity / all < LOW_SHARE ? { tone: 'warn', word: 'low' } : { tone: 'ok', word: 'in stock' };
}

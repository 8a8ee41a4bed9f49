import type { Target } from '../targets/target.ts';
import { runHttp } from './providers.ts';

interface StockNeeded {
  /** Units by item, for the orders that the experiment has when it is run as written. */
  stock: Readonly<Record<string, number>>;
  /** How many times as many orders this run has; under 1 counts as 1. */
  scale: number;
}

/** The most that one restock may book. */
const BOOKING = 1_000_000;

/**
 * Books the units a run needs, through the front door: a longer or faster one brings more, so that it does not end as a
 * series of refusals. Repeating it with the same run changes nothing.
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

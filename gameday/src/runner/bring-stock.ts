import type { Target } from '../targets/target.ts';
import { runHttp } from './providers.ts';

/** Books the units an experiment needs, through the front door. Repeating it with the same run changes nothing. */
export async function bringStock(target: Target, stock: Readonly<Record<string, number>>, run: string): Promise<void> {
  for (const [item, quantity] of Object.entries(stock)) {
    if (quantity === 0) continue;
    await runHttp({
      type: 'http',
      url: `${target.inventoryUrls[0]}/api/inventory/${item}/restock`,
      method: 'POST',
      headers: { authorization: `Bearer ${target.operatorToken}` },
      arguments: { restock_id: `${run}-${item}`, quantity },
      expected_status: 200,
    });
  }
}

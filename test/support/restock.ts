import { randomUUID } from 'node:crypto';
import { answered, apiClient } from '@valerix/api-client';

/** Adds as many units of every item, so that orders are confirmed and not refused. @throws Error unless each is taken */
export async function restockAll(inventoryUrl: string, token: string, quantity: number): Promise<void> {
  const inventory = apiClient('inventory', inventoryUrl, { token });
  let cursor: string | null | undefined;
  do {
    const query = cursor ? { cursor } : {};
    const page = await answered(inventory.GET('/api/inventory', { params: { query } }));
    for (const { item_id } of page.items) {
      const body = { restock_id: randomUUID(), quantity };
      await answered(inventory.POST('/api/inventory/{item_id}/restock', { params: { path: { item_id } }, body }));
    }
    cursor = page.next_cursor;
  } while (cursor);
}

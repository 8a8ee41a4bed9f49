import { randomUUID } from 'node:crypto';
import { ask, post } from './http.ts';

/** Adds as many units of every item, so that orders are confirmed and not refused. @throws Error unless each is taken */
export async function restockAll(inventoryUrl: string, operatorToken: string, quantity: number): Promise<void> {
  let cursor = '';
  do {
    const { body } = await ask(`${inventoryUrl}/api/inventory${cursor}`);
    for (const { item_id } of body.items) {
      const given = { restock_id: randomUUID(), quantity };
      const url = `${inventoryUrl}/api/inventory/${item_id}/restock`;
      const answer = await post(url, given, { Authorization: `Bearer ${operatorToken}` });
      if (answer.status !== 200) throw new Error(`${item_id} was not restocked: ${answer.status}`);
    }
    cursor = body.next_cursor === null ? '' : `?cursor=${body.next_cursor}`;
  } while (cursor !== '');
}

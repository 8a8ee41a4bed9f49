import type { Snapshot } from './database-stream.ts';
import { type Violation, violation } from './violation.ts';

interface ItemRow {
  item_id: string;
  quantity: number;
  reserved: number;
  booked: number;
  net_deducted: number;
}

/** Checks I1 and I2 of every item, in the snapshot of `client`. What was dropped of the ledger left its sums behind. */
export async function checkStock(client: Pick<Snapshot, 'query'>): Promise<Violation[]> {
  const { rows } = await client.query<ItemRow>(
    `SELECT inventory.item_id, inventory.quantity, reserved_quantity AS reserved,
       (coalesce(ledger.booked, 0) + coalesce(brought_in - taken, 0))::float8 AS booked,
       (coalesce(ledger.net_deducted, 0) + coalesce(taken, 0))::float8 AS net_deducted
     FROM inventory LEFT JOIN (
       SELECT item_id, sum(quantity_change) AS booked,
         -sum(quantity_change) FILTER (WHERE transaction_type IN ('deduct', 'release')) AS net_deducted
       FROM inventory_transactions GROUP BY item_id
     ) AS ledger USING (item_id) LEFT JOIN opening_balances USING (item_id)
     ORDER BY item_id`,
  );
  return rows.flatMap(({ item_id, quantity, reserved, booked, net_deducted }) => {
    const found = judgeBalance(item_id, quantity, booked);
    if (net_deducted === reserved) return found;
    const detail = `the ledger has ${net_deducted} deducted and not released, the stock says ${reserved}`;
    return [...found, violation('I1', 'drift', item_id, detail)];
  });
}

/** I1 and I2 of one item: its stock is the sum of its ledger, and not below zero. */
export function judgeBalance(item: string, quantity: number, booked: number): Violation[] {
  const found: Violation[] = [];
  if (booked !== quantity) {
    const detail = `the ledger sums to ${booked}, the stock says ${quantity} (${quantity - booked})`;
    found.push(violation('I1', 'drift', item, detail));
  }
  if (quantity < 0) found.push(violation('I2', 'oversold', item, `the stock is ${quantity}`));
  return found;
}

import type pg from 'pg';
import type { Violation } from './violation.ts';

interface ItemRow {
  item_id: string;
  quantity: string;
  reserved: string;
  booked: string;
  net_deducted: string;
}

/** I1 and I2 of every item, in the snapshot of `client`. */
export async function checkStock(client: pg.ClientBase): Promise<Violation[]> {
  const { rows } = await client.query<ItemRow>(
    `SELECT inventory.item_id, inventory.quantity::text, reserved_quantity::text AS reserved,
       coalesce(ledger.booked, 0)::text AS booked, coalesce(ledger.net_deducted, 0)::text AS net_deducted
     FROM inventory LEFT JOIN (
       SELECT item_id, sum(quantity_change) AS booked,
         -sum(quantity_change) FILTER (WHERE transaction_type IN ('deduct', 'release')) AS net_deducted
       FROM inventory_transactions GROUP BY item_id
     ) AS ledger USING (item_id)
     ORDER BY item_id`,
  );
  return rows.flatMap(judgeItem);
}

function judgeItem({ item_id: subject, quantity, reserved, booked, net_deducted }: ItemRow): Violation[] {
  const found: Violation[] = [];
  if (booked !== quantity) {
    const detail = `the ledger comes to ${booked}, the stock says ${quantity} (${Number(quantity) - Number(booked)})`;
    found.push({ invariant: 'I1', class: 'drift', subject, detail });
  }
  if (net_deducted !== reserved) {
    const detail = `the ledger has ${net_deducted} deducted and not released, the stock says ${reserved}`;
    found.push({ invariant: 'I1', class: 'drift', subject, detail });
  }
  if (Number(quantity) < 0) {
    found.push({ invariant: 'I2', class: 'oversold', subject, detail: `the stock is ${quantity}` });
  }
  return found;
}

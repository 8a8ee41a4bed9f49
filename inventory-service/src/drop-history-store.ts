import { COMMIT_HORIZON } from '@valerix/service-kit/commit-horizon';
import type { Client } from '@valerix/service-kit/postgres';
import { type RetainOptions, Wait } from '@valerix/service-kit/retention/retain';

/**
 * The inventory service's part of the retention. It drops what the order service has dropped: while an order exists, its decision
 * does. The sums of the dropped ledger entries stay as opening balances (I1).
 */
export const dropHistory: Pick<RetainOptions, 'tables' | 'close'> = {
  tables: [
    { name: 'inventory_decisions', by: 'order_id' },
    // All entries of an order lie in one period, whenever they were made; seeds and restocks in that of their time.
    { name: 'inventory_transactions', by: 'coalesce(order_id, uuid_at(created_at))' },
  ],

  async close({ parts: [, ledger = ''], to }, client, { mayGoBefore }) {
    if (to > mayGoBefore) throw new Wait('the order service has not said that its part of the history is gone');
    const sums = await sumUp(client, ledger);
    return (locked) => open(locked, ledger, sums);
  },
};

interface Sums {
  /** Every transaction with a smaller id had ended before the entries were read. */
  settled: string;
  items: string;
}

/** Adds up a part of the ledger, while orders go on. */
async function sumUp(client: Client, ledger: string): Promise<Sums> {
  const horizon = await client.query<{ settled: string }>(`SELECT settled FROM ${COMMIT_HORIZON} AS horizon`);
  const { rows } = await client.query<{ items: object[] }>(
    `SELECT coalesce(json_agg(sums), '[]') AS items FROM (
       SELECT item_id, max(created_at) AS until,
         coalesce(sum(quantity_change) FILTER (WHERE transaction_type IN ('seed', 'restock')), 0) AS brought_in,
         coalesce(-sum(quantity_change) FILTER (WHERE transaction_type IN ('deduct', 'release')), 0) AS taken
       FROM ${ledger} GROUP BY item_id) AS sums`,
  );
  return { settled: horizon.rows[0]?.settled as string, items: JSON.stringify(rows[0]?.items) };
}

/** Adds the sums to the opening balances, in the transaction that drops the entries. @throws {Wait} if one came since */
async function open(client: Client, ledger: string, { settled, items }: Sums): Promise<void> {
  const { rows } = await client.query<{ changed: boolean }>(
    `SELECT EXISTS (SELECT FROM ${ledger} WHERE tx >= $1::xid8) AS changed`,
    [settled],
  );
  if (rows[0]?.changed) throw new Wait(`${ledger} has changed`);
  await client.query(
    `INSERT INTO opening_balances AS opening (item_id, brought_in, taken, until)
     SELECT item_id, brought_in, taken, until
     FROM json_to_recordset($1) AS sums (item_id text, brought_in bigint, taken bigint, until timestamptz)
     ON CONFLICT (item_id) DO UPDATE SET brought_in = opening.brought_in + excluded.brought_in,
       taken = opening.taken + excluded.taken, until = greatest(opening.until, excluded.until)`,
    [items],
  );
}

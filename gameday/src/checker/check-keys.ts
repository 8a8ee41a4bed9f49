import type pg from 'pg';
import type { Violation } from './violation.ts';

/** I3: at most one order per idempotency key. */
export async function checkKeys(client: pg.ClientBase, limit = 100): Promise<Violation[]> {
  const { rows } = await client.query<{ key: string; ids: string[] }>(
    `SELECT idempotency_key AS key, array_agg(order_id::text ORDER BY order_id) AS ids FROM orders
     GROUP BY idempotency_key HAVING count(*) > 1 LIMIT ${limit}`,
  );
  return rows.map(({ key, ids }) => ({
    invariant: 'I3',
    class: 'duplicated',
    subject: key,
    detail: `${ids.length} orders have this key: ${ids.join(', ')}`,
  }));
}

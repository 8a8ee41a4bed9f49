import type { Snapshot } from './database-stream.ts';
import { type Violation, violation } from './violation.ts';

/** I3: at most one order per idempotency key. */
export async function checkKeys(client: Pick<Snapshot, 'query'>): Promise<Violation[]> {
  const { rows } = await client.query<{ key: string; ids: string[] }>(
    `SELECT idempotency_key AS key, array_agg(order_id::text ORDER BY order_id) AS ids FROM orders
     GROUP BY idempotency_key HAVING count(*) > 1 LIMIT 100`,
  );
  return rows.map(({ key, ids }) =>
    violation('I3', 'duplicated', key, `${ids.length} orders have this key: ${ids.join(', ')}`),
  );
}

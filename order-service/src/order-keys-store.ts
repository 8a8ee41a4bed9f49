import { pause } from '@valerix/service-kit/backoff';
import type { Client } from '@valerix/service-kit/postgres';

const FILLED_AT_ONCE = 5_000;
/** About 10,000 keys. */
const PAGES_AT_ONCE = 100;

/** Rests as long as the work took: orders come first. */
async function paced<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const started = performance.now();
  const result = await work();
  await pause(performance.now() - started, signal);
  return result;
}

/** Fills `order_keys` before the orders are divided. The trigger comes first: from then on it claims the key of each new order. */
export async function keepKeys(client: Client, signal: AbortSignal): Promise<void> {
  await client.query(
    `CREATE OR REPLACE TRIGGER claim_key BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION claim_order_key()`,
  );
  let after: string | undefined = '00000000-0000-0000-0000-000000000000';
  while (after !== undefined) after = await paced(signal, () => keepKeysAfter(client, after as string));
}

/** @returns the last order; undefined at the end */
async function keepKeysAfter(client: Client, after: string): Promise<string | undefined> {
  // A new order may have claimed the key of an older one before this page: its own insertion failed then, and the older one keeps the key.
  const { rows } = await client.query<{ last: string }>(
    `WITH page AS MATERIALIZED (
       SELECT idempotency_key, order_id FROM orders WHERE order_id > $1 ORDER BY order_id LIMIT $2
     ), kept AS (
       INSERT INTO order_keys (idempotency_key, order_id) SELECT idempotency_key, order_id FROM page ORDER BY idempotency_key
       ON CONFLICT (idempotency_key) DO UPDATE SET order_id = excluded.order_id WHERE order_keys.order_id <> excluded.order_id
     )
     SELECT order_id AS last FROM page ORDER BY order_id DESC LIMIT 1`,
    [after, FILLED_AT_ONCE],
  );
  return rows[0]?.last;
}

/**
 * Deletes the keys of orders that are gone, a few pages of the table at a time. Until then such a key is free already; see
 * `claim_order_key`. An index by order would cost each new order more than this walk costs a period.
 */
export async function forgetKeys(client: Client, goneBefore: string, signal: AbortSignal): Promise<void> {
  const { rows } = await client.query<{ pages: number }>(
    `SELECT (pg_relation_size('order_keys') / current_setting('block_size')::int)::int AS pages`,
  );
  for (let page = 0; page < (rows[0]?.pages ?? 0); page += PAGES_AT_ONCE) {
    await paced(signal, () =>
      client.query('DELETE FROM order_keys WHERE ctid >= $1::tid AND ctid < $2::tid AND order_id < $3', [
        `(${page},0)`,
        `(${page + PAGES_AT_ONCE},0)`,
        goneBefore,
      ]),
    );
  }
}

/** True if an order of a table, `orders` or a part of it, is not settled. Reads only the indexes of the open ones. */
export async function hasOpenOrders(client: Client, table: string): Promise<boolean> {
  await client.query('SET enable_seqscan = off');
  const { rows } = await client.query<{ open: boolean }>(
    `SELECT EXISTS (SELECT FROM ${table} WHERE next_attempt_at IS NOT NULL)
       OR EXISTS (SELECT FROM ${table} WHERE dead_lettered_at IS NOT NULL) AS open`,
  );
  return rows[0]?.open ?? true;
}

import type pg from 'pg';
import { ITEMS } from '../system/bench-stack.ts';
import { divideIntoPeriods } from './periods.ts';

/** This item has 20 units, is never restocked, and is wanted by the orders that are refused. */
const SCARCE = 'chair';
const SOLD = ITEMS.filter((item) => item !== SCARCE);
/** The time that the history covers: it ends a minute ago. */
const SPAN_S = 60 * 86_400;
/** Orders written by one transaction. */
const CHUNK = 100_000;

export interface History {
  orders: pg.Pool;
  inventory: pg.Pool;
  /** How many orders. */
  count: number;
  onProgress: (made: number) => void;
}

/**
 * Orders `from` to `to`, the same in both databases: of twenty, one is cancelled, one refused and two were queued first; four have two
 * items. Ids are UUIDv7 of their time.
 */
const ordersOf = (count: number) => `
  SELECT n, at, settled_at, kind, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0')
      || '8' || substr(md5(n::text), 1, 15))::uuid AS order_id,
    CASE kind WHEN 'refused' THEN '[{"item_id":"${SCARCE}","quantity":1000}]'::jsonb
      ELSE jsonb_path_query_array(jsonb_build_array(
        jsonb_build_object('item_id', (sold)[1 + n % ${SOLD.length}], 'quantity', 1 + n % 2),
        jsonb_build_object('item_id', (sold)[1 + (n + 1) % ${SOLD.length}], 'quantity', 1)), (CASE WHEN n % 5 = 1 THEN '$[*]' ELSE '$[0]' END)::jsonpath)
    END AS items
  FROM (SELECT ARRAY['${SOLD.join("','")}'] AS sold) AS catalogue, generate_series($1::integer, $2::integer) AS n,
    LATERAL (SELECT $3::timestamptz + n::float8 / ${count} * interval '${SPAN_S} s' AS at) AS time,
    LATERAL (SELECT CASE n % 20 WHEN 0 THEN 'cancelled' WHEN 7 THEN 'refused' WHEN 3 THEN 'queued' WHEN 13 THEN 'queued' ELSE 'confirmed' END
      AS kind, at + interval '20 ms' AS settled_at) AS fate`;

const ORDERS = [
  `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, reason, items, response_status, response_body, correlation_id,
     created_at, updated_at)
   SELECT order_id, 'history-' || n, md5(n::text), CASE kind WHEN 'cancelled' THEN kind WHEN 'refused' THEN 'failed' ELSE 'confirmed' END,
     CASE kind WHEN 'refused' THEN 'OUT_OF_STOCK' END, items, CASE kind WHEN 'refused' THEN 422 WHEN 'queued' THEN 202 ELSE 201 END,
     jsonb_build_object('order', jsonb_build_object('order_id', order_id, 'idempotency_key', 'history-' || n, 'status', kind, 'items', items,
       'created_at', at), 'message', 'Your order is confirmed.')::text, order_id, at, settled_at
   FROM made`,
  `INSERT INTO order_events (type, order_id, occurred_at, correlation_id, causation_id, data)
   SELECT 'order.' || step, order_id, at + later, order_id, order_id, CASE step WHEN 'created' THEN jsonb_build_object('items', items) ELSE '{}' END
   FROM made JOIN (VALUES ('confirmed', 'created', interval '0'), ('confirmed', 'confirmed', interval '20 ms'),
     ('refused', 'created', interval '0'), ('refused', 'failed', interval '20 ms'),
     ('queued', 'created', interval '0'), ('queued', 'queued', interval '10 ms'), ('queued', 'confirmed', interval '20 ms'),
     ('cancelled', 'created', interval '0'), ('cancelled', 'confirmed', interval '20 ms'), ('cancelled', 'cancelling', interval '300 ms'),
     ('cancelled', 'cancelled', interval '320 ms')) AS walk (kind, step, later) USING (kind)
   ORDER BY at + later`,
];

const INVENTORY = [
  `CREATE TEMP TABLE lines ON COMMIT DROP AS SELECT made.*, line->>'item_id' AS item_id, (line->>'quantity')::integer AS quantity
   FROM made, jsonb_array_elements(items) AS line WHERE kind <> 'refused'`,
  // Each chunk brings what it takes, so that stock is never below zero.
  `INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change, restock_id, created_at)
   SELECT 'restock', item_id, sum(quantity), 'history-' || item_id || '-' || min(n), min(at) - interval '1 ms' FROM lines GROUP BY item_id ORDER BY item_id`,
  `INSERT INTO inventory_decisions (order_id, outcome, reason, items, decided_at, released_at)
   SELECT order_id, CASE kind WHEN 'refused' THEN kind ELSE 'applied' END, CASE kind WHEN 'refused' THEN 'OUT_OF_STOCK' END, items, settled_at,
     CASE kind WHEN 'cancelled' THEN at + interval '310 ms' END FROM made`,
  `INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change, order_id, created_at)
   SELECT type, item_id, CASE type WHEN 'deduct' THEN -quantity ELSE quantity END, order_id, at + later
   FROM lines JOIN (VALUES ('deduct', interval '15 ms'), ('release', interval '310 ms')) AS move (type, later)
     ON type = 'deduct' OR kind = 'cancelled'
   ORDER BY at + later, item_id`,
  `UPDATE inventory SET reserved_quantity = reserved_quantity + kept, quantity = inventory.quantity + given
   FROM (SELECT item_id, coalesce(sum(lines.quantity) FILTER (WHERE kind <> 'cancelled'), 0) AS kept,
       coalesce(sum(lines.quantity) FILTER (WHERE kind = 'cancelled'), 0) AS given FROM lines GROUP BY item_id) AS moved
   WHERE inventory.item_id = moved.item_id`,
];

/**
 * Divides both databases into two periods, and fills them with orders in the order of time, a chunk at a time, as if the services had taken
 * them. The auditor's checkpoint, which must exist, is moved to the last chunk: only that is still to be read. No service may run.
 */
export async function fillHistory({ orders, inventory, count, onProgress }: History): Promise<void> {
  const chunk = Math.min(CHUNK, Math.ceil(count / 10));
  const { rows } = await orders.query(`SELECT now() - interval '${SPAN_S + 60} s' AS start`);
  const { start } = rows[0];
  // The shop opened with its catalogue in stock.
  await inventory.query(`UPDATE inventory_transactions SET created_at = $1 WHERE transaction_type = 'seed'`, [start]);
  await divideIntoPeriods({ orders, inventory });
  for (let from = 0; from < count; from += chunk) {
    const to = Math.min(count, from + chunk) - 1;
    if (to === count - 1) await moveCheckpoint(orders, inventory);
    const values = [from, to, start];
    await Promise.all([write(orders, ORDERS, count, values), write(inventory, INVENTORY, count, values)]);
    onProgress(to + 1);
  }
}

async function write(pool: pg.Pool, statements: readonly string[], count: number, values: unknown[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN; SET LOCAL synchronous_commit = off');
    await client.query(`CREATE TEMP TABLE made ON COMMIT DROP AS ${ordersOf(count)}`, values);
    for (const statement of statements) await client.query(statement);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

/** Makes the auditor's checkpoint say that everything up to here was read, and found right. */
async function moveCheckpoint(orders: pg.Pool, inventory: pg.Pool): Promise<void> {
  const endOf = async (pool: pg.Pool, table: string, time: string) =>
    (
      await pool.query(
        `SELECT jsonb_build_object('position', tx || '.' || seq, 'readToMs', extract(epoch FROM ${time}) * 1000) AS end
         FROM ${table} ORDER BY tx DESC, seq DESC LIMIT 1`,
      )
    ).rows[0]?.end;
  const [events, entries] = await Promise.all([
    endOf(orders, 'order_events', 'occurred_at'),
    endOf(inventory, 'inventory_transactions', 'created_at'),
  ]);
  const { rows } = await inventory.query(
    `SELECT item_id, quantity + reserved_quantity AS brought_in, reserved_quantity AS taken FROM inventory`,
  );
  const { rowCount } = await orders.query(
    `UPDATE integrity_audit SET checkpoint = jsonb_set(checkpoint, '{streams}', checkpoint->'streams' || jsonb_build_object(
       'events', $1::jsonb, 'entries', $2::jsonb, 'accounts', $3::jsonb, 'checked', (SELECT count(*) FROM orders)))`,
    [JSON.stringify(events), JSON.stringify(entries), JSON.stringify(rows)],
  );
  if (rowCount !== 1) throw new Error('The auditor has saved no checkpoint.');
}

import type { BenchConfig } from '../config.ts';
import type { Work } from '../load/plan.ts';
import { type Full, type Measurement, measure } from '../measure/measure.ts';
import { medianOf } from '../measure/median.ts';
import type { Growth } from '../result.ts';
import { type BenchStack, ITEMS } from './bench-stack.ts';

/**
 * Orders and their ledger entries are written in turns of this size. The entries then arrive within AUDIT_GRACE_MS; later,
 * the auditor would look up each order.
 */
const CHUNK = 2_000;
/**
 * PostgreSQL logs a whole page at its first change after a checkpoint. Keys are random, so with many orders nearly every order
 * first changes another index page. The measurement starts after that.
 */
const WARMUP_MS = 6_000;
/** As long as a typical answer. */
const BODY = `repeat('x', 420)`;
const ITEM = `(ARRAY['${ITEMS.join("','")}'])[1 + n % ${ITEMS.length}]`;

/**
 * Writes settled orders with their events, decisions and ledger entries, as if they had just been placed. Waits until the
 * auditor has checked them, because this work must not be part of the next measurement.
 */
export async function fill(bench: BenchStack, count: number): Promise<void> {
  const { orders, inventory } = bench;
  await bench.audited();
  await orders.query('TRUNCATE orders, order_events');
  await inventory.query(DROP_LEDGER);
  for (let start = 0; start < count; start += CHUNK) {
    const end = Math.min(count, start + CHUNK) - 1;
    const { rows } = await orders.query<{ ids: string[] }>(INSERT_ORDERS, [start, end]);
    await inventory.query(INSERT_DECISIONS, [start, rows[0]?.ids]);
  }
  await bench.tidy();
  await bench.audited();
}

/** What is dropped stays as opening balances, for an auditor that reads the history from its beginning (I1). */
const DROP_LEDGER = `
  INSERT INTO opening_balances AS opening (item_id, brought_in, taken, until)
  SELECT item_id, coalesce(sum(quantity_change) FILTER (WHERE transaction_type IN ('seed', 'restock')), 0),
    coalesce(-sum(quantity_change) FILTER (WHERE transaction_type IN ('deduct', 'release')), 0), max(created_at)
  FROM inventory_transactions GROUP BY item_id
  ON CONFLICT (item_id) DO UPDATE SET brought_in = opening.brought_in + excluded.brought_in,
    taken = opening.taken + excluded.taken, until = greatest(opening.until, excluded.until);
  TRUNCATE inventory_decisions, inventory_transactions`;

const INSERT_ORDERS = `
  WITH made AS (
    INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, response_status, response_body, correlation_id, created_at, updated_at)
    SELECT uuidv7(), gen_random_uuid()::text, left(md5(n::text), 43), 'confirmed',
      jsonb_build_array(jsonb_build_object('item_id', ${ITEM}, 'quantity', 1)), 201, ${BODY}, gen_random_uuid()::text, now(), now()
    FROM generate_series($1::int, $2::int) n
    RETURNING order_id, items, correlation_id
  ), told AS (
    INSERT INTO order_events (type, order_id, correlation_id, causation_id, data)
    SELECT type, order_id, correlation_id, correlation_id, jsonb_build_object('items', items)
    FROM made, unnest(ARRAY['order.created', 'order.confirmed']) type
  )
  SELECT array_agg(order_id ORDER BY order_id) AS ids FROM made`;

/** Restocks as many units as the orders take, so that the ledger still adds up (I1). */
const INSERT_DECISIONS = `
  WITH wanted AS (
    SELECT order_id, ${ITEM} AS item_id
    FROM unnest($2::uuid[]) WITH ORDINALITY AS t (order_id, nth), LATERAL (SELECT $1::int + nth::int - 1 AS n)
  ), decided AS (
    INSERT INTO inventory_decisions (order_id, outcome, items, decided_at)
    SELECT order_id, 'applied', jsonb_build_array(jsonb_build_object('item_id', item_id, 'quantity', 1)), now() FROM wanted
  ), totals AS (
    SELECT item_id, count(*)::int AS taken FROM wanted GROUP BY item_id
  ), reserved AS (
    UPDATE inventory SET reserved_quantity = reserved_quantity + taken FROM totals WHERE inventory.item_id = totals.item_id
  )
  INSERT INTO inventory_transactions (transaction_type, order_id, restock_id, item_id, quantity_change)
  SELECT 'restock', NULL, gen_random_uuid()::text, item_id, taken FROM totals
  UNION ALL SELECT 'deduct', order_id, NULL, item_id, -1 FROM wanted`;

/** Microseconds of CPU per request, without the generator. */
export function systemCpu(measurement: Pick<Measurement, 'cpu_us'>): number {
  return Object.entries(measurement.cpu_us).reduce((sum, [name, cpu]) => (name === 'generator' ? sum : sum + cpu), 0);
}

type Grown = { growth: Growth; reads: Record<string, Full> };

/** Measures the cost of an order with few and with many orders in the tables, and of reads with many. */
export async function measureGrowth(bench: BenchStack, config: BenchConfig): Promise<Grown> {
  const { few, many } = config;
  const warmupMs = config.quick ? config.warmup_ms : WARMUP_MS;
  const placing = () => medianOfRuns(bench, { ...config, warmup_ms: warmupMs }, { kind: 'order', items: ITEMS });
  await fill(bench, few);
  const before = await placing();
  await fill(bench, many);
  const reads = await measureReads(bench, config);
  const at_many = await placing();
  await fill(bench, few);
  const after = await placing();
  const cpu_ratio = (2 * systemCpu(at_many)) / (systemCpu(before) + systemCpu(after));
  return { growth: { few, many, before, at_many, after, cpu_ratio }, reads };
}

async function measureReads(bench: BenchStack, config: BenchConfig): Promise<Record<string, Full>> {
  const some = `SELECT '/api/orders/' || order_id AS path FROM orders ORDER BY random() LIMIT 5000`;
  const paths = (await bench.orders.query<{ path: string }>(some)).rows.map(({ path }) => path);
  return {
    'get-order': await medianOfRuns(bench, config, { kind: 'get', paths }),
    'list-orders': await medianOfRuns(bench, config, { kind: 'get', paths: ['/api/orders'] }),
  };
}

async function medianOfRuns(bench: BenchStack, config: BenchConfig, work: Work): Promise<Full> {
  const { runs, warmup_ms, duration_ms } = config;
  const pace = { loop: 'closed', connections: 50 } as const;
  const plan = { url: bench.url, work, pace, warmup_ms, duration_ms };
  const measured: Measurement[] = [];
  for (let run = 0; run < runs; run++) measured.push(await measure(plan, bench));
  return medianOf(measured);
}

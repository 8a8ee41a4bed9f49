import pg from 'pg';
import type { OrderRecord, StockRecord } from './judge-order.ts';

const FETCH = 5_000;

/** A database at one moment: all statements see the same rows. */
export interface Snapshot {
  query<T extends object>(sql: string, values?: unknown[]): Promise<{ rows: T[] }>;
  end(): Promise<void>;
}

/** The tables whose history is dropped by periods. */
const KEPT = {
  order: 'orders, order_events',
  inventory: 'inventory_decisions, inventory_transactions',
  payment: 'payments, payment_transactions',
  provider: 'books',
};
/** The services whose databases are checked. */
export type Checked = keyof typeof KEPT;

/** Opens a read-only snapshot. The caller must end it, even after an error. No history is dropped before its end. */
export async function openSnapshot(key: Checked, url: string): Promise<Snapshot> {
  const client = new pg.Client({ connectionString: url, application_name: 'gameday-checker' });
  client.on('error', () => {});
  await client.connect();
  // The merge reads in index order, which is free; sorting a million rows is not.
  await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL work_mem = '64MB'`);
  // BEGIN and LOCK take no snapshot; the first statement that reads does.
  await client.query(`LOCK TABLE ${KEPT[key]} IN ACCESS SHARE MODE`);
  await client.query('SELECT pg_current_snapshot()');
  return client;
}

/** The rows of a query, a few thousand at a time. */
export async function* rowsOf<T extends object>(
  client: Snapshot,
  name: string,
  sql: string,
  values: unknown[] = [],
): AsyncGenerator<T[]> {
  await client.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`, values);
  for (;;) {
    const { rows } = await client.query<T>(`FETCH ${FETCH} FROM ${name}`);
    if (rows.length > 0) yield rows;
    if (rows.length < FETCH) return;
  }
}

// The database groups the rows by order: only a fifth of the rows cross the wire, and it works while we judge.
const canonical = (item: string, quantity: string) =>
  `string_agg(${item} || ':' || ${quantity}, ',' ORDER BY ${item} COLLATE "C")`;
/** SQL: the `items` of an order or a decision as canonical lines. */
export const ITEM_LINES = `coalesce((SELECT ${canonical("(line->>'item_id')", "(line->>'quantity')")}
   FROM jsonb_array_elements(items) AS line), '')`;
/** SQL: the ledger entries of one type in a group, as canonical lines. */
export const ledgerLines = (type: 'deduct' | 'release'): string =>
  `coalesce(${canonical('item_id', 'abs(quantity_change)')} FILTER (WHERE transaction_type = '${type}'), '')`;

/** SQL: the key as its client sent it; the key of a user is stored behind the user's id. */
const KEY_AS_SENT = "split_part(idempotency_key, E'\\x1f', -1)";
/** SQL: what the lines of an order cost; NULL while a price is not known. */
const TOTAL = `SELECT CASE WHEN bool_and(line->>'unit_price_cents' IS NOT NULL)
    THEN sum((line->>'quantity')::bigint * (line->>'unit_price_cents')::bigint) END FROM jsonb_array_elements(items) AS line`;
const ORDERS = (which: string) => `
  SELECT order_id AS id, ${KEY_AS_SENT} AS key, status, reason, ${ITEM_LINES} AS lines, response_status AS "responseStatus",
    dead_lettered_at IS NOT NULL AS "deadLettered", md5(response_body) AS "responseMd5", payment_deadline IS NOT NULL AS paid,
    CASE WHEN payment_deadline IS NOT NULL THEN (${TOTAL}) || ' ' || currency END AS total
  FROM orders WHERE order_id ${which} ORDER BY order_id`;
const EVENTS = (which: string) => `
  SELECT order_id AS id, string_agg(type, ',' ORDER BY seq) AS types FROM order_events WHERE order_id ${which}
  GROUP BY order_id ORDER BY order_id`;
/** SQL: what the lines of a decision cost; NULL for an older decision. */
const PRICED = `SELECT sum((line->>'quantity')::bigint * (prices->'unit_price_cents'->>(nth::integer - 1))::bigint) || ' ' ||
    (prices->>'currency') FROM jsonb_array_elements(items) WITH ORDINALITY AS lines (line, nth)`;
const DECISIONS = (which: string) => `
  SELECT order_id AS id, outcome, reason, ${ITEM_LINES} AS lines, released_at IS NOT NULL AS released, held,
    (${PRICED}) AS total
  FROM inventory_decisions WHERE order_id ${which} ORDER BY order_id`;
const LEDGER = (which: string) => `
  SELECT order_id AS id, ${ledgerLines('deduct')} AS deducted, ${ledgerLines('release')} AS released
  FROM inventory_transactions WHERE order_id ${which} GROUP BY order_id ORDER BY order_id`;

/** The rows of a query about all orders, or only about those with these ids. */
export const about = <T extends object>(
  client: Snapshot,
  name: string,
  sql: (which: string) => string,
  ids?: readonly string[],
) => rowsOf<T & Row>(client, name, sql(ids ? '= ANY($1::uuid[])' : 'IS NOT NULL'), ids && [ids]);

/** An order, with the hash of its stored answer, to compare with the history. */
export interface StreamedOrder extends OrderRecord {
  responseMd5: string | null;
}

/** All orders by id, or those with these ids, each with its timeline. `order` is undefined for a timeline without an order. */
export async function* streamOrders(
  client: Snapshot,
  ids?: readonly string[],
): AsyncGenerator<{ id: string; order: StreamedOrder | undefined }> {
  // Each stream has the connection to itself while it fetches; pg queues the other's statement.
  const orders = about<Omit<StreamedOrder, 'events'>>(client, 'orders', ORDERS, ids);
  const timelines = about<{ types: string }>(client, 'events', EVENTS, ids);
  for await (const { id, left, right } of mergeById(orders, timelines)) {
    yield { id, order: left && { ...left, events: right?.types.split(',') ?? [] } };
  }
}

/** The records of the inventory service by order id, for all orders or those with these ids. */
export async function* streamStock(client: Snapshot, ids?: readonly string[]): AsyncGenerator<StockRecord> {
  const decisions = about<NonNullable<StockRecord['decision']>>(client, 'decisions', DECISIONS, ids);
  const ledger = about<Pick<StockRecord, 'deducted' | 'released'>>(client, 'ledger', LEDGER, ids);
  for await (const { id: orderId, left: decision, right } of mergeById(decisions, ledger)) {
    yield { orderId, decision, deducted: right?.deducted ?? '', released: right?.released ?? '' };
  }
}

export interface Row {
  id: string;
}

/** Merges two sorted streams: each id of either stream once, with the row that each stream has for it. */
export async function* mergeById<L extends Row, R extends Row>(left: AsyncGenerator<L[]>, right: AsyncGenerator<R[]>) {
  const [a, b] = [new RowReader(left), new RowReader(right)];
  for (;;) {
    const [rowA, rowB] = [a.peek() ?? (await a.fill()), b.peek() ?? (await b.fill())];
    const first = !rowB || (rowA && rowA.id <= rowB.id) ? rowA : rowB;
    if (!first) return;
    const { id } = first;
    yield { id, left: rowA?.id === id ? a.take() : undefined, right: rowB?.id === id ? b.take() : undefined };
  }
}

/** Reads single rows from a stream of batches, without a promise per row. */
class RowReader<T> {
  readonly #batches: AsyncGenerator<T[]>;
  #batch: T[] = [];
  #next = 0;

  constructor(batches: AsyncGenerator<T[]>) {
    this.#batches = batches;
  }

  peek(): T | undefined {
    return this.#batch[this.#next];
  }

  take(): T | undefined {
    return this.#batch[this.#next++];
  }

  async fill(): Promise<T | undefined> {
    const { value, done } = await this.#batches.next();
    this.#batch = done ? [] : value;
    this.#next = 0;
    return this.peek();
  }
}

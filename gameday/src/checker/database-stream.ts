import pg from 'pg';
import type { OrderRecord, WarehouseRecord } from './judge-order.ts';

const FETCH = 5_000;

/** A client in a read-only snapshot, so that all its statements see one moment. `end` also after an error. */
export async function openSnapshot(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'gameday-checker' });
  client.on('error', () => {});
  await client.connect();
  // Index order is free for the merge; a sort of a million rows is not.
  await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL work_mem = '64MB'`);
  // The snapshot is taken by the first statement that reads, not by BEGIN.
  await client.query('SELECT pg_current_snapshot()');
  return client;
}

/** The rows of a query as arrays, a few thousand at a time. */
export async function* rowsOf(
  client: pg.Client,
  name: string,
  sql: string,
  values: unknown[] = [],
): AsyncGenerator<unknown[][]> {
  await client.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`, values);
  for (;;) {
    const { rows } = await client.query<unknown[]>({ text: `FETCH ${FETCH} FROM ${name}`, rowMode: 'array' });
    if (rows.length > 0) yield rows;
    if (rows.length < FETCH) return;
  }
}

// The database puts each order's rows together: a fifth of the rows cross the wire, and it works while we judge.
const CANONICAL = `(SELECT string_agg(line->>'item_id' || ':' || (line->>'quantity'), ',' ORDER BY line->>'item_id' COLLATE "C")
   FROM jsonb_array_elements(items) AS line)`;

const ORDERS = (which: string) => `
  SELECT order_id, idempotency_key, status, reason, ${CANONICAL}, response_status, dead_lettered_at IS NOT NULL,
    md5(response_body), fingerprint
  FROM orders WHERE order_id ${which} ORDER BY order_id`;
const EVENTS = (which: string) => `
  SELECT order_id, string_agg(type, ',' ORDER BY seq) FROM order_events WHERE order_id ${which}
  GROUP BY order_id ORDER BY order_id`;
const DECISIONS = (which: string) => `
  SELECT order_id, outcome, reason, coalesce(${CANONICAL}, ''), released_at IS NOT NULL
  FROM inventory_decisions WHERE order_id ${which} ORDER BY order_id`;
const LEDGER = (which: string) => `
  SELECT order_id,
    coalesce(string_agg(item_id || ':' || abs(quantity_change), ',' ORDER BY item_id COLLATE "C") FILTER (WHERE transaction_type = 'deduct'), ''),
    coalesce(string_agg(item_id || ':' || abs(quantity_change), ',' ORDER BY item_id COLLATE "C") FILTER (WHERE transaction_type = 'release'), '')
  FROM inventory_transactions WHERE order_id ${which} GROUP BY order_id ORDER BY order_id`;

/** The rows of a query about all orders, or about those of the ids. */
const about = (client: pg.Client, name: string, sql: (which: string) => string, ids?: readonly string[]) =>
  ids ? rowsOf(client, name, sql('= ANY($1::uuid[])'), [ids]) : rowsOf(client, name, sql('IS NOT NULL'));

/** An order with what only the comparison with a history needs. */
export interface StreamedOrder extends OrderRecord {
  responseMd5: string | null;
  fingerprint: string;
}

/**
 * All orders by id, or those of the ids, each with its timeline; a timeline without an order comes with `order` undefined.
 */
export async function* streamOrders(
  client: pg.Client,
  ids?: readonly string[],
): AsyncGenerator<{ id: string; order: StreamedOrder | undefined; events: string[] }> {
  // Each stream has the connection to itself while it fetches; pg queues the other's statement.
  const orders = about(client, 'orders', ORDERS, ids);
  for await (const [id, row, events] of mergeById(orders, about(client, 'events', EVENTS, ids))) {
    const timeline = typeof events?.[1] === 'string' ? events[1].split(',') : [];
    yield { id, order: row && toOrder(row, timeline), events: timeline };
  }
}

/** What the warehouse has, by order id; about all orders, or those of the ids. */
export async function* streamWarehouse(client: pg.Client, ids?: readonly string[]): AsyncGenerator<WarehouseRecord> {
  const decisions = about(client, 'decisions', DECISIONS, ids);
  const ledger = about(client, 'ledger', LEDGER, ids);
  for await (const [orderId, row, moved] of mergeById(decisions, ledger)) {
    const [, outcome, reason, lines, released] = (row ?? []) as [string, string, string | null, string, boolean];
    yield {
      orderId,
      decision: row && { outcome, reason, lines, released },
      deducted: (moved?.[1] as string | undefined) ?? '',
      released: (moved?.[2] as string | undefined) ?? '',
    };
  }
}

/** Two sorted streams side by side: every id of either once, with the row of each that has it. */
async function* mergeById(
  left: AsyncGenerator<unknown[][]>,
  right: AsyncGenerator<unknown[][]>,
): AsyncGenerator<[string, unknown[] | undefined, unknown[] | undefined]> {
  const a = new RowReader(left);
  const b = new RowReader(right);
  for (;;) {
    const [rowA, rowB] = [a.peek() ?? (await a.fill()), b.peek() ?? (await b.fill())];
    if (!rowA && !rowB) return;
    const [idA, idB] = [rowA?.[0] as string | undefined, rowB?.[0] as string | undefined];
    const id = idB === undefined || (idA !== undefined && idA <= idB) ? (idA as string) : idB;
    const tookA = idA === id ? a.take() : undefined;
    const tookB = idB === id ? b.take() : undefined;
    yield [id, tookA, tookB];
  }
}

/** One row at a time out of a stream of batches, without a promise per row. */
class RowReader {
  readonly #batches: AsyncGenerator<unknown[][]>;
  #batch: unknown[][] = [];
  #next = 0;

  constructor(batches: AsyncGenerator<unknown[][]>) {
    this.#batches = batches;
  }

  peek(): unknown[] | undefined {
    return this.#batch[this.#next];
  }

  take(): unknown[] | undefined {
    return this.#batch[this.#next++];
  }

  async fill(): Promise<unknown[] | undefined> {
    const { value, done } = await this.#batches.next();
    this.#batch = done ? [] : (value as unknown[][]);
    this.#next = 0;
    return this.peek();
  }
}

function toOrder(row: unknown[], events: string[]): StreamedOrder {
  const [id, key, status, reason, lines, responseStatus, deadLettered, responseMd5, fingerprint] = row as [
    string,
    string,
    OrderRecord['status'],
    string | null,
    string | null,
    number | null,
    boolean,
    string | null,
    string,
  ];
  return {
    id,
    key,
    status,
    reason,
    lines: lines ?? '',
    responseStatus,
    deadLettered,
    events,
    responseMd5,
    fingerprint,
  };
}

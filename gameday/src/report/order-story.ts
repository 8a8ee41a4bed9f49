import pg from 'pg';
import type { SeenViolation } from '../runner/run.ts';
import type { Target } from '../targets/target.ts';
import { readHistory } from '../workload/history.ts';
import { indexOf } from '../workload/schedule.ts';

/** By subject, a line for each known fact: what its client sent and was told, its row, its timeline, its stock, its money. */
export type OrderStories = ReadonlyMap<string, readonly string[]>;

const MAX_STORIES = 50;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const EVENTS = 'SELECT type, occurred_at, causation_id, data FROM order_events WHERE order_id = $1 ORDER BY seq';
const DECISION = 'SELECT * FROM inventory_decisions WHERE order_id = $1';
const LEDGER = `SELECT tx, seq, transaction_type, item_id, quantity_change, created_at FROM inventory_transactions
  WHERE order_id = $1 ORDER BY tx, seq`;
const PAYMENT = 'SELECT * FROM payments WHERE order_id = $1';
const MONEY = `SELECT transaction_type, amount_change, currency, created_at FROM payment_transactions
  WHERE order_id = $1 ORDER BY tx, seq`;
const BOOKS = `SELECT type, reference, amount, currency, created_at FROM books
  WHERE reference = $1 OR starts_with(reference, $1) ORDER BY tx, seq`;
const STOCK = 'SELECT * FROM inventory WHERE item_id = $1';
const SUMS = `SELECT transaction_type, count(*) AS entries, sum(quantity_change) AS units FROM inventory_transactions
  WHERE item_id = $1 GROUP BY 1 ORDER BY 1`;

interface StorySources {
  services: Target['services'];
  historyFile: string;
  prefix: string;
}

/** The stories of the first fifty orders and items that violations name. Never throws: without a database they are shorter. */
export async function tellStories(
  violations: readonly SeenViolation[],
  { services, historyFile, prefix }: StorySources,
): Promise<OrderStories> {
  const subjects = [...new Set(violations.map(({ subject }) => subject))].slice(0, MAX_STORIES);
  const stories = new Map<string, string[]>();
  if (subjects.length === 0) return stories;
  const databases: Databases = {
    order: await open(services.order.databaseUrl),
    inventory: await open(services.inventory.databaseUrl),
    payment: await open(services.payment.databaseUrl),
    provider: await open(services.provider.databaseUrl),
  };
  const operations = new Map<number, string[]>();
  for (const subject of subjects) {
    const isId = UUID.test(subject);
    const column = isId ? 'order_id' : 'idempotency_key';
    const [order] = await all(databases.order, `SELECT * FROM orders WHERE ${column} = $1`, subject);
    const id = order?.order_id ?? (isId && subject);
    const story = order ? tell('order', [order]) : [`order     none with this ${isId ? 'id' : 'key'}`];
    story.push(...(id ? await tellOrder(String(id), databases) : await tellItem(subject, databases.inventory)));
    stories.set(subject, story);
    const op = indexOf(prefix, String(order?.idempotency_key ?? subject));
    if (op !== undefined) operations.set(op, story);
  }
  await Promise.all(Object.values(databases).map((database) => database?.end()));
  for await (const line of readHistory(historyFile)) {
    operations.get(line.op)?.push(`client    ${JSON.stringify(line)}`);
  }
  return stories;
}

async function tellOrder(id: string, { order, inventory, payment, provider }: Databases): Promise<string[]> {
  const decision = tell('decision', await all(inventory, DECISION, id));
  return [
    ...tell('event', await all(order, EVENTS, id)),
    ...(decision.length > 0 ? decision : ['decision  none']),
    ...tell('ledger', await all(inventory, LEDGER, id)),
    ...tell('payment', await all(payment, PAYMENT, id)),
    ...tell('money', await all(payment, MONEY, id)),
    ...tell('provider', await all(provider, BOOKS, id)),
  ];
}

async function tellItem(item: string, inventory: Client): Promise<string[]> {
  const stock = tell('stock', await all(inventory, STOCK, item));
  return stock.length > 0 ? [...stock, ...tell('ledger', await all(inventory, SUMS, item))] : [];
}

type Client = pg.Client | undefined;
type Databases = Record<'order' | 'inventory' | 'payment' | 'provider', Client>;
type Row = Record<string, unknown>;

async function open(url: string): Promise<Client> {
  if (url === '') return undefined;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
  client.on('error', () => {});
  return client.connect().then(
    () => client,
    () => undefined,
  );
}

const all = async (client: Client, sql: string, value: string): Promise<Row[]> =>
  (await client?.query<Row>(sql, [value]).catch(() => undefined))?.rows ?? [];

/** A line for each row, without its empty columns. */
const tell = (label: string, rows: readonly Row[]): string[] =>
  rows.map((row) => {
    const columns = Object.entries(row).filter(([, value]) => value !== null);
    return `${label.padEnd(10)}${columns.map(([name, value]) => `${name}=${textOf(value)}`).join(' ')}`;
  });

function textOf(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

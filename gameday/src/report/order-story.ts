import pg from 'pg';
import type { SeenViolation } from '../runner/run.ts';
import type { Target } from '../targets/target.ts';
import { readHistory } from '../workload/history.ts';
import { indexOf } from '../workload/schedule.ts';

/** Everything that is known about one order: what its client asked and was told, its row, its timeline, its stock. */
export interface OrderStory {
  subject: string;
  lines: string[];
}

const MAX_STORIES = 50;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface StorySources {
  services: Target['services'];
  historyFile: string;
  prefix: string;
}

/** The stories of the orders and items that violations name; of the first fifty. Never throws: a lost database is said. */
export async function tellStories(
  violations: readonly SeenViolation[],
  sources: StorySources,
): Promise<Map<string, OrderStory>> {
  const subjects = [...new Set(violations.map(({ subject }) => subject))].slice(0, MAX_STORIES);
  const stories = new Map<string, OrderStory>();
  if (subjects.length === 0) return stories;
  const orders = await open(sources.services.order.databaseUrl);
  const inventory = await open(sources.services.inventory.databaseUrl);
  const operations = new Map<number, string>();
  for (const subject of subjects) {
    const story: OrderStory = { subject, lines: [] };
    stories.set(subject, story);
    const column = UUID.test(subject) ? 'order_id' : 'idempotency_key';
    const row = await one(orders, `SELECT * FROM orders WHERE ${column} = $1`, subject);
    const id = row?.order_id ?? (UUID.test(subject) ? subject : undefined);
    story.lines.push(
      row ? `order     ${brief(row)}` : `order     there is none with this ${column === 'order_id' ? 'id' : 'key'}`,
    );
    if (id) await tellOrder(story, String(id), orders, inventory);
    else story.lines.push(...(await tellItem(subject, inventory)));
    const op = indexOf(sources.prefix, String(row?.idempotency_key ?? subject));
    if (op !== undefined) operations.set(op, subject);
  }
  await Promise.all([orders?.end(), inventory?.end()]);
  for await (const line of readHistory(sources.historyFile)) {
    const subject = operations.get(line.op);
    if (subject !== undefined) stories.get(subject)?.lines.push(`client    ${JSON.stringify(line)}`);
  }
  return stories;
}

async function tellOrder(story: OrderStory, id: string, orders: Client, inventory: Client): Promise<void> {
  for (const event of await all(
    orders,
    'SELECT type, occurred_at, causation_id, data FROM order_events WHERE order_id = $1 ORDER BY seq',
    id,
  )) {
    story.lines.push(`event     ${brief(event)}`);
  }
  const decision = await one(inventory, 'SELECT * FROM inventory_decisions WHERE order_id = $1', id);
  story.lines.push(decision ? `decision  ${brief(decision)}` : 'decision  none');
  const ledger =
    'SELECT tx, seq, transaction_type, item_id, quantity_change, created_at FROM inventory_transactions WHERE order_id = $1 ORDER BY tx, seq';
  for (const entry of await all(inventory, ledger, id)) story.lines.push(`ledger    ${brief(entry)}`);
}

async function tellItem(item: string, inventory: Client): Promise<string[]> {
  const row = await one(inventory, 'SELECT * FROM inventory WHERE item_id = $1', item);
  if (!row) return [];
  const sums = await all(
    inventory,
    'SELECT transaction_type, count(*) AS entries, sum(quantity_change) AS units FROM inventory_transactions WHERE item_id = $1 GROUP BY 1 ORDER BY 1',
    item,
  );
  return [`stock     ${brief(row)}`, ...sums.map((sum) => `ledger    ${brief(sum)}`)];
}

type Client = pg.Client | undefined;
type Row = Record<string, unknown>;

async function open(url: string): Promise<Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
  client.on('error', () => {});
  return client.connect().then(
    () => client,
    () => undefined,
  );
}

async function all(client: Client, sql: string, value: string): Promise<Row[]> {
  const result = await client?.query<Row>(sql, [value]).catch(() => undefined);
  return result?.rows ?? [];
}

const one = async (client: Client, sql: string, value: string): Promise<Row | undefined> =>
  (await all(client, sql, value))[0];

/** A row in one line, without what is empty. */
function brief(row: Row): string {
  return Object.entries(row)
    .filter(([, value]) => value !== null)
    .map(
      ([name, value]) =>
        `${name}=${value instanceof Date ? value.toISOString() : typeof value === 'object' ? JSON.stringify(value) : value}`,
    )
    .join(' ');
}

import { type FreshDatabase, freshDatabase } from '@valerix/local-stack/testing';
import pg from 'pg';

export interface Line {
  item_id: string;
  quantity: number;
}

export interface PlantedOrder {
  id: string;
  key?: string;
  status: string;
  items?: Line[];
  /** Why it failed; `OUT_OF_STOCK` when absent. */
  reason?: string;
  /** Types of its events without `order.`; those of its status when absent. */
  events?: string[];
  responseStatus?: number | null;
  responseBody?: string;
  fingerprint?: string;
}

const TIMELINES: Record<string, string[]> = {
  pending: ['created'],
  confirmed: ['created', 'confirmed'],
  queued: ['created', 'queued'],
  failed: ['created', 'failed'],
  cancelling: ['created', 'confirmed', 'cancelling'],
  cancelled: ['created', 'confirmed', 'cancelling', 'cancelled'],
};
const ANSWERS: Record<string, number | null> = {
  pending: null,
  confirmed: 201,
  queued: 202,
  failed: 422,
  cancelling: 201,
  cancelled: 201,
};

/** Two databases of the services' own schema, and hands to write into them what no service would. */
export class World {
  readonly services: Record<'order' | 'inventory', { databaseUrl: string }>;
  readonly orders: pg.Client;
  readonly inventory: pg.Client;
  readonly #databases: FreshDatabase[];

  private constructor(databases: [FreshDatabase, FreshDatabase], orders: pg.Client, inventory: pg.Client) {
    this.#databases = databases;
    this.services = { order: { databaseUrl: databases[0].url }, inventory: { databaseUrl: databases[1].url } };
    this.orders = orders;
    this.inventory = inventory;
  }

  static async create(baseUrl: string): Promise<World> {
    const order = await freshDatabase(baseUrl, 'order_template');
    const inventory = await freshDatabase(baseUrl, 'inventory_template');
    const clients = [order, inventory].map(({ url }) => new pg.Client({ connectionString: url }));
    for (const client of clients) await client.connect();
    return new World([order, inventory], clients[0] as pg.Client, clients[1] as pg.Client);
  }

  async drop(): Promise<void> {
    await this.orders.end();
    await this.inventory.end();
    for (const database of this.#databases) await database.drop();
  }

  /** An order as the order service would have left it, unless told otherwise. */
  async order(planted: PlantedOrder): Promise<void> {
    const items = planted.items ?? [{ item_id: 'ps5', quantity: 1 }];
    const answer = planted.responseStatus === undefined ? (ANSWERS[planted.status] ?? null) : planted.responseStatus;
    const open = ['pending', 'queued', 'cancelling'].includes(planted.status);
    await this.orders.query(
      `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, response_status, response_body, next_attempt_at,
         reason, correlation_id, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $8 THEN now() END, $9, 'test', now(), now())`,
      [
        planted.id,
        planted.key ?? planted.id,
        planted.fingerprint ?? 'fingerprint',
        planted.status,
        JSON.stringify(items),
        answer,
        answer === null ? null : (planted.responseBody ?? '{}'),
        open,
        planted.reason ?? (planted.status === 'failed' ? 'OUT_OF_STOCK' : null),
      ],
    );
    for (const type of planted.events ?? TIMELINES[planted.status] ?? []) {
      await this.orders.query(
        `INSERT INTO order_events (type, order_id, correlation_id, causation_id, data) VALUES ($1, $2, 'test', 'test', '{}')`,
        [`order.${type}`, planted.id],
      );
    }
  }

  /** What the inventory service would have done about an order: decision, ledger and stock. */
  async decide(
    order_id: string,
    outcome: 'applied' | 'refused' | 'voided',
    options: { items?: Line[]; reason?: string; released?: boolean } = {},
  ): Promise<void> {
    const items = options.items ?? [{ item_id: 'ps5', quantity: 1 }];
    const reason =
      outcome === 'applied' ? null : (options.reason ?? (outcome === 'voided' ? 'ORDER_VOIDED' : 'OUT_OF_STOCK'));
    await this.inventory.query(
      `INSERT INTO inventory_decisions (order_id, outcome, reason, items, decided_at, released_at)
       VALUES ($1, $2, $3, $4, clock_timestamp(), CASE WHEN $5 THEN now() END)`,
      [order_id, outcome, reason, JSON.stringify(outcome === 'voided' ? [] : items), options.released ?? false],
    );
    if (outcome !== 'applied') return;
    for (const line of items) await this.move('deduct', order_id, line);
    if (options.released) for (const line of items) await this.move('release', order_id, line);
  }

  /** One entry of the ledger with its change of stock. */
  async move(type: 'deduct' | 'release', order_id: string, { item_id, quantity }: Line): Promise<void> {
    const change = type === 'deduct' ? -quantity : quantity;
    await this.inventory.query('BEGIN');
    await this.inventory.query(
      'INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change) VALUES ($1, $2, $3, $4)',
      [type, order_id, item_id, change],
    );
    await this.inventory.query(
      'UPDATE inventory SET quantity = quantity + $2, reserved_quantity = reserved_quantity - $2 WHERE item_id = $1',
      [item_id, change],
    );
    await this.inventory.query('COMMIT');
  }
}

/** A UUID that sorts by its number. */
export function uuid(number: number): string {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

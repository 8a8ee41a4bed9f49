import { type FreshDatabase, freshDatabase } from '@valerix/local-stack/testing';
import { recordOf } from '@valerix/system';
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

const KEYS = ['order', 'inventory', 'payment', 'provider'] as const;
type Databases = Record<(typeof KEYS)[number], { database: FreshDatabase; client: pg.Client }>;

/** Databases of the services' own schema, and hands to write into them what no service would. */
export class World {
  readonly services: Record<(typeof KEYS)[number], { databaseUrl: string }>;
  readonly orders: pg.Client;
  readonly inventory: pg.Client;
  readonly #databases: Databases;

  private constructor(databases: Databases) {
    this.#databases = databases;
    this.services = recordOf(KEYS, (key) => ({ databaseUrl: databases[key].database.url }));
    this.orders = databases.order.client;
    this.inventory = databases.inventory.client;
  }

  static async create(baseUrl: string): Promise<World> {
    const open = async (key: keyof Databases) => {
      const database = await freshDatabase(baseUrl, `${key}_template`);
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      return [key, { database, client }];
    };
    return new World(Object.fromEntries(await Promise.all(KEYS.map(open))));
  }

  async drop(): Promise<void> {
    const drop = async ({ database, client }: Databases[keyof Databases]) => {
      await client.end();
      await database.drop();
    };
    await Promise.all(Object.values(this.#databases).map(drop));
  }

  /** Makes a planted order one that is paid, with its prices here and in the decision. */
  async price(order_id: string, cents: number): Promise<void> {
    await this.orders.query(
      `UPDATE orders SET payment_deadline = now(), currency = 'EUR',
         items = (SELECT jsonb_agg(line || jsonb_build_object('unit_price_cents', $2::integer)) FROM jsonb_array_elements(items) AS line)
       WHERE order_id = $1`,
      [order_id, cents],
    );
    await this.inventory.query(
      `UPDATE inventory_decisions SET prices = jsonb_build_object('currency', 'EUR', 'unit_price_cents', jsonb_build_array($2::integer))
       WHERE order_id = $1`,
      [order_id, cents],
    );
  }

  /** A charge, and a refund, in our books and in the provider's. */
  async pay(
    order_id: string,
    cents: number,
    { refunded = false, theirs = cents, outcome = 'applied' } = {},
  ): Promise<void> {
    const { payment, provider } = this.#databases;
    await payment.client.query(
      `INSERT INTO payments (order_id, outcome, reason, amount_cents, currency, created_at, decided_at, charged_at, refunded_at)
       VALUES ($1, $4::text, CASE WHEN $4::text = 'voided' THEN 'ORDER_VOIDED' END, $2, 'EUR', now(), now(), now(), CASE WHEN $3 THEN now() END)`,
      [order_id, cents, refunded, outcome],
    );
    for (const [type, sign] of [['charge', 1] as const, ...(refunded ? [['refund', -1] as const] : [])]) {
      await payment.client.query(
        `INSERT INTO payment_transactions (transaction_type, order_id, amount_change, currency) VALUES ($1, $2, $3, 'EUR')`,
        [type, order_id, sign * cents],
      );
      await provider.client.query(`INSERT INTO books (type, reference, amount, currency) VALUES ($1, $2, $3, 'EUR')`, [
        type,
        order_id,
        theirs,
      ]);
    }
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

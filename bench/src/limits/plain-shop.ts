import pg from 'pg';
import type { Observed } from '../measure/measure.ts';
import { startChildServer } from './child-server.ts';
import { createLimitDatabase } from './limit-database.ts';

/** With the constraints that make an order exactly-once and keep the stock above zero. */
const SCHEMA = `
  CREATE TABLE stock (item_id text PRIMARY KEY, quantity integer NOT NULL CHECK (quantity >= 0)) WITH (fillfactor = 50);
  CREATE TABLE orders (
    order_id uuid PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE,
    item_id text NOT NULL REFERENCES stock,
    quantity integer NOT NULL CHECK (quantity > 0),
    created_at timestamptz NOT NULL DEFAULT now()
  )`;

type Shop = Observed & { url: string };

/** Starts two plain shops on one database: an order is one statement, or four in a transaction. */
export async function startPlainShops(serverUrl: string, items: readonly string[]) {
  const database = await createLimitDatabase(serverUrl, 'shop');
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  await pool.query(SCHEMA);
  await pool.query('INSERT INTO stock SELECT item, 1000000000 FROM unnest($1::text[]) item', [items]);
  const shops = await Promise.all(
    ['one', 'four'].map((kind) => startChildServer('plain-shop-server.ts', [kind, database.url])),
  );
  const [one, four] = shops.map(
    ({ url, child }): Shop => ({
      url,
      processes: [{ name: 'plain shop', pid: () => child.pid }],
      async tidy(): Promise<void> {
        await pool.query('VACUUM ANALYZE');
        await database.checkpoint();
      },
    }),
  ) as [Shop, Shop];
  return {
    one,
    four,
    async stop(): Promise<void> {
      for (const { child } of shops) child.disconnect();
      await pool.end();
      await database.drop();
    },
  };
}

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createLimitDatabase } from './limit-database.ts';

/** The tables that an order changes, with only the indexes that make it exactly-once. */
const SCHEMA = `
  CREATE TABLE o (id uuid PRIMARY KEY, key text NOT NULL UNIQUE, status text NOT NULL, body text);
  CREATE TABLE decision (order_id uuid PRIMARY KEY, outcome text NOT NULL);
  CREATE TABLE ledger (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id uuid NOT NULL, item integer NOT NULL, quantity integer NOT NULL);
  CREATE TABLE stock (item integer PRIMARY KEY, quantity integer NOT NULL CHECK (quantity >= 0)) WITH (fillfactor = 50);
  INSERT INTO stock SELECT n, 1000000000 FROM generate_series(1, 12) n`;

/** Each statement is one transaction; an order needs all three. With arrays, one order and twenty share a statement. */
const STEPS = [
  `INSERT INTO o (id, key, status) SELECT id, id::text, 'pending' FROM unnest($1::uuid[]) id`,
  `WITH d AS (INSERT INTO decision SELECT id, 'applied' FROM unnest($1::uuid[]) id),
        l AS (INSERT INTO ledger (order_id, item, quantity) SELECT id, item, 1 FROM unnest($1::uuid[], $2::int[]) AS t (id, item))
   UPDATE stock SET quantity = quantity - t.n FROM (SELECT item, count(*) AS n FROM unnest($2::int[]) item GROUP BY item ORDER BY item) t
   WHERE stock.item = t.item`,
  `UPDATE o SET status = 'confirmed', body = repeat('x', 300) WHERE id = ANY($1::uuid[]) AND status = 'pending'`,
];

interface PostgresLoad {
  connections: number;
  ordersPerTransaction: number;
  items: number;
  duration_ms: number;
}

export type PostgresLimit = Awaited<ReturnType<typeof openPostgresLimit>>;

/** The throughput of the database alone, without a service. */
export async function openPostgresLimit(serverUrl: string) {
  const database = await createLimitDatabase(serverUrl, 'postgres');
  const pool = new pg.Pool({ connectionString: database.url, max: 32, options: '-c enable_seqscan=off' });
  await pool.query(SCHEMA);
  return {
    /** The orders per second of a load. */
    async run(load: PostgresLoad): Promise<number> {
      await database.checkpoint();
      await clients(pool, load, 1_000);
      return clients(pool, load, load.duration_ms);
    },
    async close(): Promise<void> {
      await pool.end();
      await database.drop();
    },
  };
}

async function clients(pool: pg.Pool, load: PostgresLoad, durationMs: number): Promise<number> {
  const start = performance.now();
  let done = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - start < durationMs) {
      await oneBatch(pool, load);
      done += load.ordersPerTransaction;
    }
  };
  await Promise.all(Array.from({ length: load.connections }, client));
  return (done * 1000) / (performance.now() - start);
}

let turn = 0;

async function oneBatch(pool: pg.Pool, { ordersPerTransaction, items }: PostgresLoad): Promise<void> {
  const ids = Array.from({ length: ordersPerTransaction }, () => randomUUID());
  const wanted = ids.map(() => 1 + (turn++ % items));
  for (const [step, text] of STEPS.entries()) {
    const values = step === 1 ? [ids, wanted] : [ids];
    await pool.query({ name: `step-${step}`, text, values });
  }
}

/**
 * What a user would pick instead of this system: one process and one database, the stock and the order in one transaction. Sends its
 * port to the parent: `node plain-shop-server.ts <one|four> <database URL>`.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Response } from 'express';
import pg from 'pg';

const [statements, connectionString] = process.argv.slice(2);

interface NewOrder {
  id: string;
  key: string;
  item: string;
  quantity: number;
}

/** @returns false if the stock is short. @throws a unique violation if the key is taken */
type Place = (pool: pg.Pool, order: NewOrder) => Promise<boolean>;

const placeInOne: Place = async (pool, { id, key, item, quantity }) => {
  const { rowCount } = await pool.query({
    name: 'place',
    text: `WITH taken AS (
        UPDATE stock SET quantity = quantity - $4 WHERE item_id = $3 AND quantity >= $4 RETURNING item_id
      )
      INSERT INTO orders (order_id, idempotency_key, item_id, quantity) SELECT $1, $2, item_id, $4 FROM taken`,
    values: [id, key, item, quantity],
  });
  return rowCount === 1;
};

const placeInFour: Place = async (pool, { id, key, item, quantity }) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const lock = 'SELECT quantity FROM stock WHERE item_id = $1 FOR UPDATE';
    const { rows } = await client.query<{ quantity: number }>({ name: 'lock', text: lock, values: [item] });
    const enough = (rows[0]?.quantity ?? 0) >= quantity;
    if (enough) {
      const take = 'UPDATE stock SET quantity = quantity - $2 WHERE item_id = $1';
      await client.query({ name: 'take', text: take, values: [item, quantity] });
      const insert = 'INSERT INTO orders (order_id, idempotency_key, item_id, quantity) VALUES ($1, $2, $3, $4)';
      await client.query({ name: 'insert', text: insert, values: [id, key, item, quantity] });
    }
    await client.query('COMMIT');
    return enough;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
};

const place = { one: placeInOne, four: placeInFour }[statements ?? ''];
if (!place) throw new Error(`There is no plain shop with "${statements}" statements.`);
// As many connections as an order service has.
const pool = new pg.Pool({ connectionString, max: 10 });

async function answerKnown(res: Response, key: string): Promise<void> {
  const { rows } = await pool.query('SELECT * FROM orders WHERE idempotency_key = $1', [key]);
  res.json({ order: rows[0] });
}

const app = express().disable('x-powered-by').disable('etag').use(express.json());
app.post('/api/orders', async (req, res) => {
  const { item_id: item, quantity } = req.body;
  const key = req.get('Idempotency-Key');
  if (!key || typeof item !== 'string' || !Number.isInteger(quantity) || quantity < 1) return void res.sendStatus(400);
  const id = randomUUID();
  try {
    const placed = await place(pool, { id, key, item, quantity });
    if (!placed) return void res.status(422).json({ code: 'OUT_OF_STOCK' });
    res.status(201).json({ order: { order_id: id, status: 'confirmed', item_id: item, quantity } });
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== '23505') throw error;
    await answerKnown(res, key);
  }
});

const server = createServer(app).listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());

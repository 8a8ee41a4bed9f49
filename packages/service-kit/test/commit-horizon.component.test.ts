import { freshDatabase, withDatabase } from '@valerix/local-stack/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { COMMIT_HORIZON } from '../src/commit-horizon.ts';

type Database = Awaited<ReturnType<typeof freshDatabase>>;
let [here, elsewhere]: Database[] = [];
/** A role without any privilege reads, as a service's does. */
let reader: pg.Client;

const clientOf = async (url: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
};
const ROLE = 'horizon_reader';

beforeAll(async () => {
  [here, elsewhere] = [await fresh(), await fresh()];
  const admin = await clientOf(urlOf(here));
  await admin.query(`DROP ROLE IF EXISTS ${ROLE}`);
  await admin.query(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${ROLE}'`);
  await admin.end();
  const url = new URL(urlOf(here));
  [url.username, url.password] = [ROLE, ROLE];
  reader = await clientOf(url.href);
});
afterAll(async () => {
  await reader.end();
  for (const database of [here, elsewhere]) await database?.drop();
  const admin = await clientOf(withDatabase(inject('postgresUrl'), 'postgres'));
  await admin.query(`DROP ROLE ${ROLE}`);
  await admin.end();
});
beforeEach(async () => {
  for (const database of [here, elsewhere]) {
    const client = await clientOf(urlOf(database));
    await client.query('DROP TABLE IF EXISTS entries');
    await client.query(
      `CREATE TABLE entries (tx xid8 NOT NULL DEFAULT pg_current_xact_id(), seq bigserial PRIMARY KEY)`,
    );
    await client.query('GRANT SELECT ON entries TO PUBLIC');
    await client.end();
  }
});

const fresh = () => freshDatabase(inject('postgresUrl'), 'inventory_template');
const urlOf = (database: Database | undefined): string => database?.url as string;

async function horizon(): Promise<{ settled: bigint; held: boolean }> {
  const { rows } = await reader.query(`SELECT settled::text, held FROM ${COMMIT_HORIZON} AS horizon`);
  return { settled: BigInt(rows[0].settled), held: rows[0].held };
}

/** Writes in a transaction, and leaves it open. */
async function openIn(database: Database | undefined) {
  const client = await clientOf(urlOf(database));
  await client.query('BEGIN');
  const { rows } = await client.query('INSERT INTO entries DEFAULT VALUES RETURNING tx::text');
  return {
    tx: BigInt(rows[0].tx),
    async commit() {
      await client.query('COMMIT');
      await client.end();
    },
  };
}

it('an open transaction of this database holds the horizon back, and is named', async () => {
  const open = await openIn(here);
  await (await openIn(here)).commit();
  try {
    expect(await horizon()).toEqual({ settled: open.tx, held: true });
  } finally {
    await open.commit();
  }
  expect((await horizon()).settled).toBeGreaterThan(open.tx);
});

it('an open transaction of another database does not', async () => {
  const open = await openIn(elsewhere);
  await (await openIn(here)).commit();
  try {
    const { settled, held } = await horizon();
    expect(settled).toBeGreaterThan(open.tx);
    expect(held).toBe(false);
  } finally {
    await open.commit();
  }
});

it('a reader that goes on from its last position sees each entry once, whatever both databases commit meanwhile', async () => {
  const writers = await Promise.all(
    [here, here, here, elsewhere, elsewhere].map((database) => clientOf(urlOf(database))),
  );
  let writing = true;
  const write = async (writer: pg.Client) => {
    for (let count = 0; count < 150; count++) {
      await writer.query('BEGIN');
      await writer.query('INSERT INTO entries DEFAULT VALUES');
      if (count % 3 === 0) await writer.query('SELECT pg_sleep(0.004)');
      await writer.query(count % 10 === 0 ? 'ROLLBACK' : 'COMMIT');
    }
  };
  const written = Promise.all(writers.map(write)).finally(() => {
    writing = false;
  });
  const seen: string[] = [];
  let position = ['0', '0'];
  const readOn = async () => {
    const { rows } = await reader.query<{ tx: string; seq: string }>(
      `SELECT tx::text, seq::text FROM entries
       WHERE (tx, seq) > ($1::xid8, $2::bigint) AND tx < (SELECT settled FROM ${COMMIT_HORIZON} AS horizon)
       ORDER BY entries.tx, entries.seq LIMIT 20`,
      position,
    );
    seen.push(...rows.map(({ seq }) => seq));
    const last = rows.at(-1);
    if (last) position = [last.tx, last.seq];
    return rows.length;
  };
  while (writing) await readOn();
  await written;
  while ((await readOn()) > 0);
  for (const writer of writers) await writer.end();
  const { rows } = await reader.query<{ seq: string }>('SELECT seq::text FROM entries');
  expect(new Set(seen)).toEqual(new Set(rows.map(({ seq }) => seq)));
  expect(seen).toHaveLength(rows.length);
  expect(rows).toHaveLength(3 * 135);
});

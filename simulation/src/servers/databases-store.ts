import { readFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { message } from './wire-messages.ts';

/** One database, with the SQL that brings it back to how it was after its migrations. */
export interface Database {
  pg: PGlite;
  reset: string;
}

// Node.js has it; the types of the DOM, which declare it, are not loaded.
const { WebAssembly: assembler } = globalThis as unknown as {
  WebAssembly: { compile(bytes: Uint8Array): Promise<never> };
};
/** Compiled once for all databases of this process. */
const shared = (async () => {
  const folder = new URL('.', import.meta.resolve('@electric-sql/pglite'));
  const compile = async (name: string) => assembler.compile(await readFile(new URL(name, folder)));
  return { pgliteWasmModule: await compile('pglite.wasm'), initdbWasmModule: await compile('initdb.wasm') };
})();

/** A PostgreSQL in memory, empty or as it was saved, which plans as the services' connections ask for. */
export async function createDatabase(saved?: Blob): Promise<PGlite> {
  const pg = await PGlite.create({ ...(await shared), ...(saved && { loadDataDir: saved }) });
  await pg.exec('SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan');
  return pg;
}

/** Keeps what the migrations left, so that every seed begins with it. */
export async function keepAsTemplate(pg: PGlite): Promise<void> {
  await pg.exec('CREATE SCHEMA template; ALTER TABLE operator_audit DISABLE TRIGGER ALL');
  for (const name of await tablesOf(pg, 'public')) {
    const { rows } = await pg.query(`SELECT FROM ${name} LIMIT 1`);
    if (rows.length > 0) await pg.exec(`CREATE TABLE template.${name} AS TABLE ${name}`);
  }
}

/** How to bring a database back to its template. Truncating costs a hundredth of a new database. */
export async function withReset(pg: PGlite): Promise<Database> {
  const filled = await tablesOf(pg, 'template');
  const refill = filled.map((name) => `INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT * FROM template.${name}`);
  const sequences = await pg.query<{ name: string; last: number | null }>(
    `SELECT quote_ident(sequencename) AS name, last_value AS last FROM pg_sequences WHERE schemaname = 'public'`,
  );
  const again = sequences.rows.map(({ name, last }) => `SELECT setval('${name}', ${last ?? 1}, ${last !== null})`);
  const all = (await tablesOf(pg, 'public')).join(', ');
  return { pg, reset: ['BEGIN', `TRUNCATE ${all}`, ...refill, ...again, 'COMMIT'].join(';') };
}

async function tablesOf(pg: PGlite, schema: string): Promise<string[]> {
  const { rows } = await pg.query<{ name: string }>(
    `SELECT quote_ident(relname) AS name FROM pg_class
     WHERE relkind = 'r' AND relnamespace = $1::regnamespace AND relname NOT LIKE '%\\_migrations' ORDER BY relname`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

/** Brings a database back to its template. */
export function resetDatabase({ pg, reset }: Database): void {
  runPlain(pg, reset);
}

/** Sets what is in stock, as if it had been there from the beginning. */
export function setStock({ pg }: Database, stock: Readonly<Record<string, number>>): void {
  for (const [item, quantity] of Object.entries(stock)) {
    runPlain(
      pg,
      `UPDATE inventory SET quantity = ${quantity} WHERE item_id = '${item}';
       UPDATE inventory_transactions SET quantity_change = ${quantity} WHERE item_id = '${item}' AND transaction_type = 'seed'`,
    );
  }
}

/** Removes guards of a schema that would notice a planted fault first; for good. */
export const dropGuards = ({ pg }: Database, sql: string): void => runPlain(pg, sql);

/** True while an order is not settled, or a payment waits. */
export const hasOpenOrders = ({ pg }: Database): boolean =>
  hasRow(
    pg,
    `SELECT 1 FROM orders WHERE status NOT IN ('confirmed', 'failed', 'cancelled') AND dead_lettered_at IS NULL LIMIT 1`,
  );

export const hasOpenPayments = ({ pg }: Database): boolean =>
  hasRow(pg, 'SELECT 1 FROM payments WHERE waits_for IS NOT NULL LIMIT 1');

/**
 * The database at this moment, as the checker reads it: without a transaction, which the statements of others would fall into. A cursor is
 * read at once.
 */
export function openMoment({ pg }: Database) {
  const cursors = new Map<string, object[]>();
  return {
    async query<T extends object>(sql: string, values: unknown[] = []): Promise<{ rows: T[] }> {
      const [, declared, select] = /^DECLARE (\w+) NO SCROLL CURSOR FOR (.*)$/s.exec(sql) ?? [];
      const [, fetched] = /^FETCH \d+ FROM (\w+)$/.exec(sql) ?? [];
      if (fetched) {
        const rows = cursors.get(fetched) ?? [];
        cursors.delete(fetched);
        return { rows: rows as T[] };
      }
      const { rows } = await pg.query<T>(select ?? sql, values);
      if (!declared) return { rows };
      cursors.set(declared, rows);
      return { rows: [] };
    },
    end: async (): Promise<void> => {},
  };
}

/** The letter of a row in a reply, `D`, comes first or after the description of the rows. */
function hasRow(pg: PGlite, sql: string): boolean {
  const reply = Buffer.from(pg.execProtocolRawSync(message('Q', sql)));
  for (let at = 0; at < reply.length; at += 1 + reply.readInt32BE(at + 1)) if (reply[at] === 0x44) return true;
  return false;
}

/** @throws Error with the server's words */
function runPlain(pg: PGlite, sql: string): void {
  const reply = Buffer.from(pg.execProtocolRawSync(message('Q', sql)));
  for (let at = 0; at < reply.length; at += 1 + reply.readInt32BE(at + 1)) {
    if (reply[at] === 0x45) throw new Error(reply.toString('utf8', at + 5).replaceAll('\0', ' '));
  }
}

import { type Client, literal, type Pool } from '../postgres.ts';
import { FAR, FIRST, nameFrom } from './periods.ts';

/** A table whose history is divided into periods. */
export interface KeptTable {
  name: string;
  /** SQL: the UUIDv7 by which a row belongs to a period; the order's, or that of the row's time. */
  by: string;
}

/** Every table's part of the history between two bounds; the upper one is outside. */
export interface Period {
  from: string;
  to: string;
  /** The names of the parts, in the order of the tables. */
  parts: string[];
}

/** As long as a migration's: a statement that waits for a lock holds up every later one on that table. */
const LOCK_MS = 500;
/** Any number that no other advisory lock uses. */
const TURN = 7_242;
/** A part up to this size, bytes, takes some 50 ms to read, so it may be read under the lock; a larger one is checked beforehand. */
const SMALL_BYTES = 64_000_000;
const FENCE = 'kept_before';

/**
 * Runs `work` on a connection of its own, in one process at a time; closing the connection ends the turn. A statement that waits
 * for a lock fails after half a second.
 * @returns what `work` returned; undefined without running it if another process has the turn
 */
export async function inTurn<T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T | undefined> {
  const client = await pool.connect();
  try {
    await client.query(`SET lock_timeout = ${LOCK_MS}; SET enable_seqscan = on`);
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [TURN]);
    return rows[0]?.mine ? await work(client) : undefined;
  } finally {
    // The end of the session gives the turn back too, but a moment later.
    await client.query('SELECT pg_advisory_unlock_all()').catch(() => {});
    client.release(true);
  }
}

/** The periods by time; empty while the tables are not divided. */
export async function readPeriods(client: Pool | Client, tables: readonly KeptTable[]): Promise<Period[]> {
  const { rows } = await client.query<{ part: string; bound: string }>(
    `SELECT part.relname AS part, pg_get_expr(part.relpartbound, part.oid) AS bound
     FROM unnest($1::text[]) WITH ORDINALITY AS kept (name, n)
     JOIN pg_inherits ON inhparent = to_regclass(kept.name) JOIN pg_class AS part ON part.oid = inhrelid
     WHERE part.relispartition ORDER BY n`,
    [tables.map(({ name }) => name)],
  );
  const periods = new Map<string, Period>();
  for (const { part, bound } of rows) {
    const [, from = '', to = ''] = /FROM \('?(.+?)'?\) TO \('?(.+?)'?\)/.exec(bound) ?? [];
    const period = periods.get(to) ?? { from: from === 'MINVALUE' ? FIRST : from, to, parts: [] };
    period.parts.push(part);
    periods.set(to, period);
  }
  // MAXVALUE sorts behind every id.
  return [...periods.values()].sort((a, b) => (a.to < b.to ? -1 : 1));
}

/** Locks the tables against everything else while their parts change, in the order in which an order locks them. */
const lockAll = (tables: readonly KeptTable[]): string => `LOCK TABLE ${tables.map(({ name }) => name).join(', ')}`;

/**
 * Ends the last period at a bound, where a new one begins; undivided tables become the first period. The last one always reaches
 * to 2100, so there is a period for every order, however late this is. Rows are not moved.
 */
export async function divide(client: Client, tables: readonly KeptTable[], last: Period | undefined, at: string) {
  const statements: string[] = [];
  for (const [n, { name, by }] of tables.entries()) {
    const part = last?.parts[n] ?? `${name}_before`;
    const next = nameFrom(name, at);
    const facts = await factsOf(client, last ? part : name);
    const attach = (which: string, from: string, to: string) =>
      `ALTER TABLE ${name} ATTACH PARTITION ${which} FOR VALUES FROM (${from}) TO (${to})`;
    const create = (which: string) => [
      `CREATE TABLE ${which} (LIKE ${part} INCLUDING ALL EXCLUDING IDENTITY)`,
      // LIKE copies everything but these.
      ...facts.references.map((reference) => `ALTER TABLE ${which} ADD ${reference}`),
    ];
    statements.push(
      ...(last ? [`ALTER TABLE ${name} DETACH PARTITION ${part}`] : divided(name, by, part, facts)),
      attach(part, !last || last.from === FIRST ? 'MINVALUE' : literal(last.from), literal(at)),
      `ALTER TABLE ${part} DROP CONSTRAINT IF EXISTS ${FENCE}`,
      ...create(next),
      attach(next, literal(at), literal(FAR)),
      // For ids that this system did not make, such as random ones: they are never dropped.
      ...(last ? [] : [...create(`${name}_beyond`), attach(`${name}_beyond`, literal(FAR), 'MAXVALUE')]),
    );
  }
  // One message is one transaction.
  await client.query([lockAll(tables), ...statements].join(';\n'));
}

/** Puts an empty, divided table in the place of a plain one, which becomes `part`. */
function divided(name: string, by: string, part: string, { identities, triggers }: Facts): string[] {
  return [
    `ALTER TABLE ${name} RENAME TO ${part}`,
    `CREATE TABLE ${name} (LIKE ${part} INCLUDING DEFAULTS) PARTITION BY RANGE ((${by}))`,
    ...identities.flatMap(({ column, sequence }) => [
      `ALTER TABLE ${name} ALTER COLUMN ${column} ADD GENERATED ALWAYS AS IDENTITY`,
      `SELECT setval(pg_get_serial_sequence('${name}', '${column}'), (SELECT last_value + 1 FROM ${sequence}), false)`,
      `ALTER TABLE ${part} ALTER COLUMN ${column} DROP IDENTITY`,
    ]),
    ...triggers.flatMap(({ trigger, definition }) => [`DROP TRIGGER ${trigger} ON ${part}`, definition]),
  ];
}

interface Facts {
  identities: { column: string; sequence: string }[];
  triggers: { trigger: string; definition: string }[];
  references: string[];
}

async function factsOf(client: Client, table: string): Promise<Facts> {
  const { rows } = await client.query<Facts>(
    `SELECT
       (SELECT coalesce(json_agg(json_build_object('column', attname, 'sequence', pg_get_serial_sequence($1, attname))), '[]')
        FROM pg_attribute WHERE attrelid = $1::regclass AND attidentity <> '') AS identities,
       (SELECT coalesce(json_agg(json_build_object('trigger', tgname, 'definition', pg_get_triggerdef(oid))), '[]')
        FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal) AS triggers,
       ARRAY(SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'f') AS references`,
    [table],
  );
  return rows[0] as Facts;
}

/** True if a part, or an undivided table, is too large to be read under a lock. */
export async function isLarge(client: Client, parts: readonly string[]): Promise<boolean> {
  const { rows } = await client.query<{ large: boolean }>(
    'SELECT max(pg_relation_size(name::regclass)) > $2 AS large FROM unnest($1::text[]) AS name',
    [parts, SMALL_BYTES],
  );
  return rows[0]?.large ?? false;
}

/**
 * Proves, while orders go on, that every row of large parts lies between two bounds, so that `divide` need not read them under its
 * lock: it detaches the last period, and PostgreSQL then forgets the lower bound as well. Meanwhile the database refuses rows
 * beyond the upper one: it must be far off, and the fence must not stay.
 */
export async function fence(
  client: Client,
  tables: readonly KeptTable[],
  parts: readonly string[],
  { from, to }: Pick<Period, 'from' | 'to'>,
) {
  for (const [n, { by }] of tables.entries()) {
    const check = `CHECK ((${by}) IS NOT NULL AND (${by}) >= ${literal(from)} AND (${by}) < ${literal(to)})`;
    await client.query(`ALTER TABLE ${parts[n]} ADD CONSTRAINT ${FENCE} ${check} NOT VALID`);
    await client.query(`ALTER TABLE ${parts[n]} VALIDATE CONSTRAINT ${FENCE}`);
  }
}

/** Removes the fences that a failed or killed process left. */
export async function removeFences(client: Client): Promise<void> {
  const { rows } = await client.query<{ part: string }>(
    `SELECT conrelid::regclass::text AS part FROM pg_constraint WHERE conname = '${FENCE}'`,
  );
  for (const { part } of rows) await client.query(`ALTER TABLE ${part} DROP CONSTRAINT ${FENCE}`);
}

/**
 * Drops a period of every table in one transaction, and says so in `retention`.
 * @param seal runs under the lock, and reads no table that an index can answer for; when it rejects, nothing is dropped
 * @returns for how long the tables were locked, milliseconds
 */
export async function dropPeriod(
  client: Client,
  tables: readonly KeptTable[],
  { parts, to }: Period,
  seal: (client: Client) => Promise<void>,
): Promise<number> {
  await client.query('BEGIN; SET LOCAL enable_seqscan = off');
  try {
    await client.query(lockAll(tables));
    const locked = performance.now();
    await seal(client);
    await client.query(
      `DROP TABLE ${parts.join(', ')};
       UPDATE retention SET gone_before = ${literal(to)}, gone_at = clock_timestamp();
       COMMIT`,
    );
    return performance.now() - locked;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

export interface Retained {
  /** Nothing is left of orders with a smaller id. */
  goneBefore: string;
  /** Milliseconds since 1970 by the database's clock; null if nothing was dropped yet. */
  goneAtMs: number | null;
  mayGoBefore: string;
  nowMs: number;
}

export async function readRetained(client: Pool | Client): Promise<Retained> {
  const { rows } = await client.query<Retained>(
    `SELECT gone_before AS "goneBefore", (extract(epoch FROM gone_at) * 1000)::float8 AS "goneAtMs",
       may_go_before AS "mayGoBefore", (extract(epoch FROM now()) * 1000)::float8 AS "nowMs" FROM retention`,
  );
  return rows[0] as Retained;
}

/** Notes that the calling service has dropped the orders with a smaller id. It never goes back. @returns what may go by now */
export async function allowToGo(pool: Pool, before: string): Promise<string> {
  const { rows } = await pool.query<{ before: string }>(
    'UPDATE retention SET may_go_before = greatest(may_go_before, $1::uuid) RETURNING may_go_before AS before',
    [before],
  );
  return rows[0]?.before as string;
}

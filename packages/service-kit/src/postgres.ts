import type { Socket } from 'node:net';
import pg from 'pg';
import { holdAbandoned, type PoolClient } from './abandoned.ts';
import { advise, refusePooler } from './database-address.ts';
import type { Logger } from './logger.ts';

export type Pool = pg.Pool;
export type Client = pg.ClientBase;

export interface PoolOptions {
  url: string;
  service: string;
  max: number;
  /** How long a statement may run on the server, milliseconds. */
  statementTimeoutMs?: number;
  /** How long to wait for a free or new connection, milliseconds. */
  connectTimeoutMs?: number;
  logger: Logger;
}

// A 64-bit count fits a number for every table this system will see; the driver's default is a string.
pg.types.setTypeParser(pg.types.builtins.INT8, (value) => Number(value));

/**
 * A prepared statement keeps the plan it was given when its tables were empty: a sequential scan, ever longer as they fill
 * (measured: 8 ms a batch in the first minute of a new database, 0.5 ms without). And PostgreSQL plans a batch of fewer than
 * ten orders anew each time, since it takes the array in a plan made once to be that long (2.1 ms of CPU for the statements of
 * two orders, 1.6 with this). Every statement has its index, and is written so that its plan is good for all values.
 */
const PLANNING = '-c enable_seqscan=off -c plan_cache_mode=force_generic_plan';

/** What went wrong while a connection was made. */
const connectErrors = new WeakSet<object>();

/** A connection that remembers which errors it met before it was ready. */
class RememberingClient extends pg.Client {
  override connect(): Promise<this>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<this> | undefined {
    if (!callback) throw new Error('only the pool makes these connections');
    // The pool listens only after the callback. An error before that, such as its own time limit while the first statement runs,
    // would end the process.
    this.on('error', () => {});
    const failed = (error: Error) => {
      advise(error);
      connectErrors.add(error);
      callback(error);
    };
    super.connect((error: Error) => {
      // Null when it is ready, whatever the types say.
      if (error) return failed(error);
      refusePooler(this).then(
        () => callback(error),
        (refusal: Error) => {
          this.end().catch(() => {});
          failed(refusal);
        },
      );
    });
    return undefined;
  }
}

/** A bounded pool whose statements end on the server as well, and which survives the loss of its connections. */
export function createPool(options: PoolOptions): Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? 2_000;
  const pool = new pg.Pool({
    Client: RememberingClient,
    connectionString: options.url,
    max: options.max,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 750,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: 5_000,
    application_name: options.service,
    options: PLANNING,
    keepAlive: true,
  });
  const abandoned = holdAbandoned(pool, options.logger);
  pool.on('error', (error) => options.logger.warn({ err: error }, 'an idle database connection was lost'));
  // The pool listens on idle connections only. One that is lost between two statements of a transaction reports it here, and
  // without a listener that would end the process; the transaction's next statement fails all the same.
  pool.on('connect', (client) => {
    client.on('error', () => {});
    abandoned.watch(client as unknown as PoolClient);
    // The server should end a statement first; this covers a server that no longer answers at all.
    endWhenSilent(client as unknown as PoolClient, statementTimeoutMs + 500);
  });
  return pool;
}

/**
 * Ends a connection on which a statement waits and nothing has come for this long. pg's `query_timeout` is not used: its
 * closure for each query keeps the query with its rows until V8's next full collection (docs/performance.md, "What outlives
 * its request").
 */
function endWhenSilent(client: PoolClient, ms: number): void {
  const stream = client.connection.stream as Socket;
  // `setTimeout(ms, listener)` would listen once only, and an idle connection is silent too.
  stream.setTimeout(ms).on('timeout', () => {
    if (client.readyForQuery) return;
    stream.destroy(Object.assign(new Error(`the database said nothing for ${ms} ms`), { code: 'ETIMEDOUT' }));
  });
}

/**
 * An expression that makes its statement commit: a message for nobody is written to the log, flushed, and replicated as any order
 * is. Where no commit is ever acknowledged, reading alone still works.
 */
export const COMMITTING = "pg_logical_emit_message(true, 'valerix', 'ready')";

/** The value quoted, for the rare statement whose best plan depends on it: a plan is made without knowing the parameters. */
export const literal = pg.escapeLiteral;

/** Runs `work` in one transaction (READ COMMITTED). Rolls back when it throws; a broken connection leaves the pool. */
export async function transaction<T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

const codeOf = (error: unknown): string => (error as { code?: unknown } | null)?.code?.toString() ?? '';

/**
 * SQLSTATEs of a server that cannot serve now. Classes 08 connection, 28 refused credentials, 3D missing database, 53 resources,
 * 57 operator intervention and statement timeout, 58 its disk. 25006: a standby, the primary is elsewhere now. 40001 and 40P01:
 * the batch was retried and lost each time. 55P03: a lock was not to be had in time.
 */
const UNAVAILABLE_STATES = /^((08|28|3D|53|57|58)[0-9A-Z]{3}|25006|40001|40P01|55P03)$/;
/** Node's codes of sockets, names and TLS. */
const UNAVAILABLE_CODES =
  /^(E(CONN|PIPE|AI_|TIMEDOUT|HOST|NET|NOTFOUND)|ERR_(TLS|SSL|SOCKET)|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/;
/** What pg reports without a code. */
const UNAVAILABLE_WORDS =
  /timeout exceeded when trying to connect|timeout expired|Connection terminated|not queryable|server closed the connection|SSL connection/i;

/**
 * True when the database could not be reached or did not answer; whether a commit took place is then unknown. Every error met
 * while connecting is one, whatever its code: no request is at fault for it.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (UNAVAILABLE_STATES.test(code) || UNAVAILABLE_CODES.test(code)) return true;
  if (connectErrors.has(error) || UNAVAILABLE_WORDS.test(error.message)) return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  return error.cause !== undefined && isDatabaseUnavailable(error.cause);
}

/**
 * True when an error proves that its statement had no effect: it was never sent, or the server reports that it rolled it back.
 * A connection that breaks, or that the server ends (class 57P), proves nothing: the commit may have come first.
 */
export function wasRolledBack(error: unknown): boolean {
  return (
    error instanceof Error &&
    (connectErrors.has(error) || /^(ECONNREFUSED|(25|40|53|55).{3}|57014)$/.test(codeOf(error)))
  );
}

/** A deadlock or serialization failure: nothing was committed, the same statement may be run again. */
export function isRetryable(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(error));
}

export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === '23505';
}

/** A row that belongs to no part of a divided table. Unlike a CHECK's, the error names no constraint. */
export function hasNoPart(error: unknown): boolean {
  return codeOf(error) === '23514' && (error as { constraint?: string }).constraint === undefined;
}

/** An error that one row of a batch may have caused (SQLSTATE classes 22 data, 23 constraint). */
export function isRowError(error: unknown): boolean {
  return /^(22|23)/.test(codeOf(error));
}

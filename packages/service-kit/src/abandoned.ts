import pg from 'pg';
import { pause } from './backoff.ts';
import type { Logger } from './logger.ts';

/** A field of a connection that pg does not type: `readyForQuery` is false while the server owes an answer. */
export type PoolClient = pg.Client & { readyForQuery: boolean; processID: number };

/** How often to check whether abandoned backends have ended, milliseconds. */
const CHECK_EVERY_MS = 250;

/**
 * Keeps the connections of a pool bounded on the server as well (I13). A client that gives up a statement closes its socket, but
 * its backend may go on: no statement timeout ends a commit that waits for a standby, and it does not notice a lost client. While
 * such a backend lives, its place in the pool stays taken. It is not terminated: that would make a commit visible that the
 * standby does not have.
 */
export function holdAbandoned(pool: pg.Pool, logger: Logger) {
  const held = new Map<number, { since: number }>();
  let following = false;

  async function follow(): Promise<void> {
    following = true;
    while (held.size > 0 && !pool.ending) {
      const living = await livingBackends(pool, held).catch(() => undefined);
      if (living) for (const pid of held.keys()) if (!living.has(pid)) free(pid);
      if (held.size > 0) await pause(CHECK_EVERY_MS);
    }
    following = false;
  }

  function free(pid: number): void {
    held.delete(pid);
    pool.options.max++;
    // The pool serves waiting callers when a client is given back.
    if (pool.waitingCount > 0)
      pool.connect().then(
        (client) => client.release(),
        () => {},
      );
  }

  return {
    /** Call it for each new connection of the pool. */
    watch(client: PoolClient): void {
      const since = performance.now();
      // Before the pool removes the client and fills its place.
      client.once('error', () => {
        if (client.readyForQuery || held.has(client.processID)) return;
        held.set(client.processID, { since });
        pool.options.max--;
        logger.warn({ backend: client.processID, held: held.size }, 'a database connection was given up unanswered');
        if (!following) void follow();
      });
    },
  };
}

/** The backends that still run. A younger backend with the same pid, perhaps on another server, does not count. */
async function livingBackends(pool: pg.Pool, held: ReadonlyMap<number, { since: number }>): Promise<Set<number>> {
  const name = `${pool.options.application_name} abandoned`;
  const client = new pg.Client({ ...pool.options, application_name: name, query_timeout: 1_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM unnest($1::integer[], $2::float8[]) AS held (pid, age_ms) JOIN pg_stat_activity USING (pid)
       WHERE backend_start <= clock_timestamp() - age_ms * interval '1 ms'`,
      [[...held.keys()], [...held.values()].map(({ since }) => performance.now() - since)],
    );
    return new Set(rows.map(({ pid }) => pid));
  } finally {
    client.end().catch(() => {});
  }
}

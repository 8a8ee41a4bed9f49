import { once } from 'node:events';
import { pause } from '@valerix/service-kit/backoff';
import type { Logger } from '@valerix/service-kit/logger';
import type { Client, Pool } from '@valerix/service-kit/postgres';

/** The first number of the advisory locks of owners; the second one is the owner's. */
const OWNERS = 7_241;
const TRY_AGAIN_AFTER_MS = 1_000;

/** The owners that are alive, as a subquery. */
export const LIVING_OWNERS = `(SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = ${OWNERS} AND objsubid = 2
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

/**
 * Holds a number of this process's own for the leases it takes, for as long as its connection to PostgreSQL lives. If only the
 * connection dies, others take over orders that this process still works on; each step of an order may be done twice.
 * @param pool of one connection, which it keeps
 */
export function holdOwnership(pool: Pool, logger: Logger) {
  const stopped = new AbortController();
  let number: number | undefined;
  let held = false;

  async function hold(client: Client): Promise<void> {
    // Also when the stop came first, while the connection was being made.
    const lost = once(client, 'end', { signal: stopped.signal }).catch(() => {});
    const { rows } = await client.query<{ number: number }>("SELECT nextval('order_owners')::integer AS number");
    number = rows[0]?.number;
    await client.query('SELECT pg_advisory_lock($1, $2)', [OWNERS, number]);
    held = true;
    await lost;
  }

  async function loop(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        const client = await pool.connect();
        await hold(client).finally(() => {
          held = false;
          client.release(true);
        });
      } catch (error) {
        logger.debug({ err: error }, 'this process has no number as an owner of orders; its leases end by time');
      }
      await pause(TRY_AGAIN_AFTER_MS, stopped.signal);
    }
  }
  const running = loop();

  return {
    /** Null while it is not held: a lease then ends by time only. */
    owner: (): number | null => (held ? (number ?? null) : null),

    async stop(): Promise<void> {
      stopped.abort();
      await running;
      await pool.end();
    },
  };
}

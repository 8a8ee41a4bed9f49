import { pause } from '@valerix/service-kit/backoff';
import pg from 'pg';

export interface Drained {
  complete: boolean;
  seconds: number;
  /** Open orders, without dead letters. */
  open: number;
  deadLettered: number;
}

/**
 * Waits until every order is settled or a dead letter, which only an operator can change. Asks the database: the queue's own
 * "empty" is part of the system under test.
 */
export async function drain(orderDatabaseUrl: string, limitMs: number, signal: AbortSignal): Promise<Drained> {
  const started = performance.now();
  let last = { open: -1, deadLettered: 0 };
  do {
    last = await countOpen(orderDatabaseUrl).catch(() => last);
    if (last.open === 0) break;
    await pause(250, signal);
  } while (performance.now() - started < limitMs && !signal.aborted);
  return { complete: last.open === 0, seconds: (performance.now() - started) / 1000, ...last };
}

async function countOpen(url: string): Promise<Pick<Drained, 'open' | 'deadLettered'>> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000, query_timeout: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query(
      `SELECT count(*) FILTER (WHERE next_attempt_at IS NOT NULL)::float8 AS open,
         count(*) FILTER (WHERE dead_lettered_at IS NOT NULL)::float8 AS "deadLettered"
       FROM orders WHERE next_attempt_at IS NOT NULL OR dead_lettered_at IS NOT NULL`,
    );
    return rows[0];
  } finally {
    await client.end().catch(() => {});
  }
}

import { withClient } from '@valerix/local-stack/servers/databases';
import { pause } from '@valerix/service-kit/backoff';

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

const OPEN = `
  SELECT count(*) FILTER (WHERE next_attempt_at IS NOT NULL)::float8 AS open,
    count(*) FILTER (WHERE dead_lettered_at IS NOT NULL)::float8 AS "deadLettered"
  FROM orders WHERE next_attempt_at IS NOT NULL OR dead_lettered_at IS NOT NULL`;

async function countOpen(url: string): Promise<Pick<Drained, 'open' | 'deadLettered'>> {
  const { rows } = await withClient(url, (client) => client.query(OPEN), { query_timeout: 5_000 });
  return rows[0];
}

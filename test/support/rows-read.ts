import type { Pool } from '@valerix/service-kit/postgres';

/**
 * How many rows `work` reads, those counted that a filter drops: what a plan without the right index shows, whatever the time.
 * Rolls back what it changed.
 * @param pool of one connection, so that everything happens in one transaction
 */
export async function rowsRead(pool: Pool, work: () => Promise<unknown>): Promise<number> {
  await pool.query('BEGIN');
  try {
    const before = await readSoFar(pool);
    await work();
    return (await readSoFar(pool)) - before;
  } finally {
    await pool.query('ROLLBACK');
  }
}

async function readSoFar(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ read: number }>(
    'SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint AS read FROM pg_stat_xact_user_tables',
  );
  return rows[0]?.read as number;
}

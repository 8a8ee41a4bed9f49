import { describe, expect, it } from 'vitest';
import { freshPool } from '../../../test/support/fresh-pool.ts';
import { isDatabaseUnavailable, transaction } from '../src/postgres.ts';

describe('a pool', () => {
  it('should survive the loss of a connection between two statements of a transaction', async () => {
    const { pool, drop } = await freshPool('order_template', 2);
    const uncaught: unknown[] = [];
    const listener = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', listener);
    try {
      const failure = await transaction(pool, async (client) => {
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        const lost = new Promise<void>((resolve) => client.once('end', () => resolve()));
        await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
        await lost;
        await client.query('SELECT 1');
      }).catch((error: unknown) => error);
      expect(isDatabaseUnavailable(failure)).toBe(true);
      expect(uncaught).toEqual([]);
      expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    } finally {
      process.off('uncaughtException', listener);
      await drop();
    }
  });
});

import type { Pool } from '@valerix/service-kit/postgres';

/** All SQL of echoes. */
export const createEchoStore = (pool: Pool) => ({
  /** Keeps a text. @returns how many were kept so far */
  async keep(text: string): Promise<number> {
    const { rows } = await pool.query<{ id: number }>('INSERT INTO echoes (text) VALUES ($1) RETURNING id', [text]);
    return rows[0]?.id ?? 0;
  },
});

import type { JSONWebKeySet } from 'jose';
import type { Pool } from '../postgres.ts';

/** Keeps the issuer's keys beyond the life of a process. */
export interface KeyMemory {
  keep(keys: JSONWebKeySet): Promise<void>;
  /** The keys, and how long ago they were read from the issuer, milliseconds. */
  recall(): Promise<{ keys: JSONWebKeySet; ageMs: number } | undefined>;
}

/** Keeps the issuer's keys in the service's own database: a replica that starts while the issuer is away knows who is signed in. */
export function createKeyMemory(pool: Pool, issuer: string): KeyMemory {
  return {
    async keep(keys) {
      await pool.query(
        `INSERT INTO issuer_keys (issuer, keys, read_at) VALUES ($1, $2, now())
         ON CONFLICT (issuer) DO UPDATE SET keys = excluded.keys, read_at = excluded.read_at`,
        [issuer, JSON.stringify(keys)],
      );
    },

    async recall() {
      const { rows } = await pool.query<{ keys: JSONWebKeySet; ageMs: number }>(
        `SELECT keys, (extract(epoch FROM now() - read_at) * 1000)::float8 AS "ageMs" FROM issuer_keys WHERE issuer = $1`,
        [issuer],
      );
      return rows[0];
    },
  };
}

import { type Pool, transaction } from '@valerix/service-kit/postgres';
import type { UserRow } from './user-store.ts';

/** A session that is found by its id, with what is known of its tokens. */
export interface SessionRow {
  family_hash: Buffer;
  token_hash: Buffer;
  previous_hash: Buffer | null;
  in_grace: boolean;
}

export interface NewSession {
  session_id: string;
  family_hash: Buffer;
  token_hash: Buffer;
}

/** Sessions of one user; beyond that, the ones unused for longest end. */
const MAX_PER_USER = 50;
/** A statement takes 2 s at most: one for all sessions, once too large, would fail for ever. */
const TIDIED_AT_ONCE = 5_000;
const USER = 'user_id, email, roles, disabled_at, users.created_at';

export type SessionStore = ReturnType<typeof createSessionStore>;

/** All SQL of sessions. A session that has ended is deleted: no token of it can then be found. */
export function createSessionStore(pool: Pool, { lifetimeMs, graceMs }: { lifetimeMs: number; graceMs: number }) {
  return {
    /**
     * Starts a session, instead of all others of the user if `alone`. The lock makes a change of the password, or a disabling, come
     * before this or after it: one that comes after finds the session and ends it.
     * @returns false if either came before
     */
    start: (
      { user_id, password_hash }: UserRow,
      { session_id, family_hash, token_hash }: NewSession,
      alone: boolean,
    ): Promise<boolean> =>
      transaction(pool, async (client) => {
        const { rowCount } = await client.query(
          'SELECT FROM users WHERE user_id = $1 AND password_hash = $2 AND disabled_at IS NULL FOR SHARE',
          [user_id, password_hash],
        );
        if (rowCount === 0) return false;
        await client.query(
          `DELETE FROM sessions WHERE session_id IN
             (SELECT session_id FROM sessions WHERE user_id = $1 ORDER BY rotated_at DESC OFFSET $2)`,
          [user_id, alone ? 0 : MAX_PER_USER - 1],
        );
        await client.query(
          `INSERT INTO sessions (session_id, user_id, family_hash, token_hash, expires_at)
           VALUES ($1, $2, $3, $4, now() + $5 * interval '1 ms')`,
          [session_id, user_id, family_hash, token_hash, lifetimeMs],
        );
        return true;
      }),

    /** Replaces the newest token. @returns the user; undefined if it is not the newest one, or the session has ended */
    async rotate(sessionId: string, tokenHash: Buffer, nextHash: Buffer): Promise<UserRow | undefined> {
      const { rows } = await pool.query<UserRow>(
        `WITH rotated AS (
           UPDATE sessions SET previous_hash = token_hash, token_hash = $3, rotated_at = now(),
             expires_at = now() + $4 * interval '1 ms'
           WHERE session_id = $1 AND token_hash = $2 AND expires_at > now() RETURNING user_id
         ) SELECT ${USER} FROM rotated JOIN users USING (user_id)`,
        [sessionId, tokenHash, nextHash, lifetimeMs],
      );
      return rows[0];
    },

    async find(sessionId: string): Promise<(SessionRow & UserRow) | undefined> {
      const { rows } = await pool.query<SessionRow & UserRow>(
        `SELECT ${USER}, family_hash, token_hash, previous_hash, rotated_at > now() - $2 * interval '1 ms' AS in_grace
         FROM sessions JOIN users USING (user_id) WHERE session_id = $1 AND expires_at > now()`,
        [sessionId, graceMs],
      );
      return rows[0];
    },

    async end(sessionId: string): Promise<void> {
      await pool.query('DELETE FROM sessions WHERE session_id = $1', [sessionId]);
    },

    async endAll(userId: string): Promise<void> {
      await pool.query('DELETE FROM sessions WHERE user_id = $1', [userId]);
    },

    /** Deletes sessions that are too old. @returns true if there may be more */
    async tidy(): Promise<boolean> {
      const { rowCount } = await pool.query(
        `DELETE FROM sessions WHERE session_id IN (SELECT session_id FROM sessions WHERE expires_at < now() LIMIT $1)`,
        [TIDIED_AT_ONCE],
      );
      return rowCount === TIDIED_AT_ONCE;
    },
  };
}

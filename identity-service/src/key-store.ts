import { type Pool, transaction } from '@valerix/service-kit/postgres';
import type { JWK } from 'jose';

export interface KeyRow {
  kid: string;
  public_jwk: JWK;
  sealed_private: Buffer;
  /** Milliseconds from now, by the database's clock; negative once it signs. */
  signs_in_ms: number;
}

export interface NewKey {
  kid: string;
  public_jwk: JWK;
  sealed_private: Buffer;
}

export interface KeyTimes {
  /** How long a key signs, and how long it is published before and after that. */
  periodMs: number;
  leadMs: number;
}

const KEYS_LOCK = 29_002;

export type KeyStore = ReturnType<typeof createKeyStore>;

/** All SQL of signing keys. Every time is the database's, so that all replicas change keys at the same moment. */
export function createKeyStore(pool: Pool, { periodMs, leadMs }: KeyTimes) {
  return {
    /**
     * Drops keys that no valid token was signed with, and adds the next key when it is due, or one that signs at once while
     * `usable` accepts no key that signs now. @returns every key, the oldest first
     */
    turn: (make: () => Promise<NewKey>, usable: (key: KeyRow) => boolean): Promise<KeyRow[]> =>
      transaction(pool, async (client) => {
        // One replica at a time: the others then find its key.
        await client.query('SELECT pg_advisory_xact_lock($1)', [KEYS_LOCK]);
        await client.query(
          `DELETE FROM signing_keys AS key WHERE EXISTS
             (SELECT FROM signing_keys AS newer
              WHERE newer.signs_from > key.signs_from AND newer.signs_from < now() - $1 * interval '1 ms')`,
          [leadMs],
        );
        // Not now(), the start of the transaction: a replica that waited for its turn would take the new key for a later one.
        const read = async () => {
          const { rows } = await client.query<KeyRow>(
            `SELECT kid, public_jwk, sealed_private, (extract(epoch FROM signs_from - clock_timestamp()) * 1000)::float8 AS signs_in_ms
             FROM signing_keys ORDER BY signs_from`,
          );
          return rows;
        };
        const keys = await read();
        const newest = keys.at(-1);
        const insert = async (inMs: number) => {
          const { kid, public_jwk, sealed_private } = await make();
          await client.query(
            `INSERT INTO signing_keys (kid, public_jwk, sealed_private, signs_from)
             VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 ms')`,
            [kid, JSON.stringify(public_jwk), sealed_private, inMs],
          );
        };
        const signs = keys.some((key) => key.signs_in_ms <= 0 && usable(key));
        if (!signs) await insert(0);
        else if (newest && newest.signs_in_ms + periodMs <= leadMs) {
          await insert(Math.max(newest.signs_in_ms + periodMs, leadMs));
        } else return keys;
        return read();
      }),
  };
}

import { randomUUID } from 'node:crypto';
import type { Pool } from '../postgres.ts';

/** What a replica sees that does not audit. */
export interface Seen<P> {
  published: P | null;
  /** The age of `published`, milliseconds. */
  ageMs: number;
  /** True if no replica holds the lease. */
  isFree: boolean;
}

/**
 * A replica that has not saved a round for so long is followed by another one, milliseconds. More than a call that fails takes
 * (2 s), so that a slow service on the other side does not pass the audit around.
 */
const LEASE_MS = 5_000;

const LEASE = `now() + interval '${LEASE_MS} ms'`;

export interface Save<C, P> {
  published: P;
  checkpoint: C | undefined;
  /** Renewed, left to run out, or ended, so that another replica goes on at once. */
  lease: 'renew' | 'leave' | 'end';
}

export interface AuditMemory<C, P> {
  look(): Promise<Seen<P>>;
  /** Takes the lease, if it is free. @returns the checkpoint to go on from, null for none; undefined if the lease is not free */
  take(): Promise<C | null | undefined>;
  /**
   * Saves what is published and, if given, the checkpoint.
   * @returns false if this replica does not own the row any more: nothing was saved
   */
  save(save: Save<C, P>): Promise<boolean>;
}

export interface AuditMemoryOptions {
  /** A table of one row: holder, replica, lease_until, published, published_at, checkpoint. */
  table: string;
  replica: string;
  /** Another version of a checkpoint is not read: the history is read again instead. */
  version: number;
}

/**
 * An auditor's memory: one row, which one replica at a time owns by a lease. Its commits do not wait for the disk: what a crash
 * loses is read again.
 */
export function createAuditMemory<C extends { version: number }, P>(
  pool: Pool,
  { table, replica, version }: AuditMemoryOptions,
): AuditMemory<C, P> {
  const holder = randomUUID();
  return {
    async look() {
      const { rows } = await pool.query<Seen<P>>({
        name: 'audit-look',
        text: `SELECT published, coalesce(extract(epoch FROM now() - published_at) * 1000, 0)::float8 AS "ageMs",
            lease_until < now() AS "isFree"
          FROM ${table}`,
      });
      return rows[0] ?? { published: null, ageMs: 0, isFree: true };
    },

    async take() {
      const { rows } = await pool.query<{ checkpoint: C | null }>(
        `INSERT INTO ${table} AS audit (holder, replica, lease_until) VALUES ($1, $2, ${LEASE})
         ON CONFLICT (only_row) DO UPDATE SET holder = $1, replica = $2, lease_until = ${LEASE}
         WHERE audit.holder = $1 OR audit.lease_until < now()
         RETURNING checkpoint`,
        [holder, replica],
      );
      const [row] = rows;
      if (!row) return undefined;
      return row.checkpoint?.version === version ? row.checkpoint : null;
    },

    async save({ published, checkpoint, lease }) {
      const { rowCount } = await pool.query({
        name: 'audit-save',
        text: `WITH unhurried AS (SELECT set_config('synchronous_commit', 'off', true))
          UPDATE ${table} SET published = $2, published_at = now(), checkpoint = coalesce($3, checkpoint),
            lease_until = CASE $4 WHEN 'renew' THEN ${LEASE} WHEN 'end' THEN now() ELSE lease_until END
          FROM unhurried WHERE holder = $1`,
        values: [holder, published, checkpoint ?? null, lease],
      });
      return rowCount === 1;
    },
  };
}

import { randomUUID } from 'node:crypto';
import type { Pool } from '@valerix/service-kit/postgres';
import { CHECKPOINT_VERSION, type Checkpoint, type Published } from './audit.ts';

/** What a replica sees that does not audit. */
export interface Seen {
  published: Published | null;
  /** The age of `published`, milliseconds. */
  ageMs: number;
  /** True if no replica holds the lease. */
  isFree: boolean;
}

/**
 * A replica that has not saved a round for so long is followed by another one, milliseconds. More than a call that fails takes
 * (2 s), so that a slow inventory service does not pass the audit around.
 */
const LEASE_MS = 5_000;

const LEASE = `now() + interval '${LEASE_MS} ms'`;

export interface Save {
  published: Published;
  checkpoint: Checkpoint | undefined;
  /** Renewed, left to run out, or ended, so that another replica goes on at once. */
  lease: 'renew' | 'leave' | 'end';
}

export type CheckpointStore = ReturnType<typeof createCheckpointStore>;

/**
 * The auditor's memory: one row of the order database, which one replica at a time owns by a lease. Its commits do not wait for
 * the disk: what a crash loses is read again.
 */
export function createCheckpointStore(pool: Pool, replica: string) {
  const holder = randomUUID();
  return {
    async look(): Promise<Seen> {
      const { rows } = await pool.query<Seen>({
        name: 'audit-look',
        text: `SELECT published, coalesce(extract(epoch FROM now() - published_at) * 1000, 0)::float8 AS "ageMs",
            lease_until < now() AS "isFree"
          FROM integrity_audit`,
      });
      return rows[0] ?? { published: null, ageMs: 0, isFree: true };
    },

    /** Up to when the saved checkpoint holds the ledger, milliseconds since 1970; zero without one. */
    async readToMs(): Promise<number> {
      const { rows } = await pool.query<{ at: number | null }>(
        "SELECT (checkpoint #>> '{streams,entries,readToMs}')::float8 AS at FROM integrity_audit",
      );
      return rows[0]?.at ?? 0;
    },

    /** Takes the lease, if it is free. @returns the checkpoint to go on from, null for none; undefined if the lease is not free */
    async take(): Promise<Checkpoint | null | undefined> {
      const { rows } = await pool.query<{ checkpoint: Checkpoint | null }>(
        `INSERT INTO integrity_audit AS audit (holder, replica, lease_until) VALUES ($1, $2, ${LEASE})
         ON CONFLICT (only_row) DO UPDATE SET holder = $1, replica = $2, lease_until = ${LEASE}
         WHERE audit.holder = $1 OR audit.lease_until < now()
         RETURNING checkpoint`,
        [holder, replica],
      );
      const [row] = rows;
      if (!row) return undefined;
      return row.checkpoint?.version === CHECKPOINT_VERSION ? row.checkpoint : null;
    },

    /**
     * Saves what is published and, if given, the checkpoint.
     * @returns false if this replica does not own the row any more: nothing was saved
     */
    async save({ published, checkpoint, lease }: Save): Promise<boolean> {
      const { rowCount } = await pool.query({
        name: 'audit-save',
        text: `WITH unhurried AS (SELECT set_config('synchronous_commit', 'off', true))
          UPDATE integrity_audit SET published = $2, published_at = now(), checkpoint = coalesce($3, checkpoint),
            lease_until = CASE $4 WHEN 'renew' THEN ${LEASE} WHEN 'end' THEN now() ELSE lease_until END
          FROM unhurried WHERE holder = $1`,
        values: [holder, published, checkpoint ?? null, lease],
      });
      return rowCount === 1;
    },
  };
}

import type { Pool } from '@valerix/service-kit/postgres';

export type BackupStore = ReturnType<typeof createBackupStore>;

/** What `backup.sh` says of itself in the table of backups. */
export function createBackupStore(pool: Pool) {
  return {
    /** When the next backup should be finished. Failed ones postpone nothing; `undefined` while none is promised. */
    async nextDue(): Promise<Date | undefined> {
      const { rows } = await pool.query<{ due: Date | null }>(
        `SELECT coalesce(max(next_due_at) FILTER (WHERE finished_at IS NOT NULL), min(next_due_at)) AS due FROM backups`,
      );
      return rows[0]?.due ?? undefined;
    },
  };
}

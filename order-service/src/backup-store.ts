import type { Pool } from '@valerix/service-kit/postgres';

export type BackupStore = ReturnType<typeof createBackupStore>;

/** Reads the table in which `backup.sh` records its backups. */
export function createBackupStore(pool: Pool) {
  return {
    /** When the next backup should be finished; `undefined` if none is expected. A failed backup postpones nothing. */
    async nextDue(): Promise<Date | undefined> {
      const { rows } = await pool.query<{ due: Date | null }>(
        `SELECT coalesce(max(next_due_at) FILTER (WHERE finished_at IS NOT NULL), min(next_due_at)) AS due FROM backups`,
      );
      return rows[0]?.due ?? undefined;
    },
  };
}

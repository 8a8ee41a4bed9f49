import { type AuditMemory, createAuditMemory } from '@valerix/service-kit/audit/audit-memory-store';
import type { Pool } from '@valerix/service-kit/postgres';
import { CHECKPOINT_VERSION, type Checkpoint, type Published } from './audit.ts';

export interface CheckpointStore extends AuditMemory<Checkpoint, Published> {
  /** Up to when the saved checkpoint holds the ledger, milliseconds since 1970; zero without one. */
  readToMs(): Promise<number>;
}

/** The auditor's memory, in the order database. */
export function createCheckpointStore(pool: Pool, replica: string): CheckpointStore {
  return {
    ...createAuditMemory<Checkpoint, Published>(pool, {
      table: 'integrity_audit',
      replica,
      version: CHECKPOINT_VERSION,
    }),

    async readToMs() {
      const { rows } = await pool.query<{ at: number | null }>(
        "SELECT (checkpoint #>> '{streams,entries,readToMs}')::float8 AS at FROM integrity_audit",
      );
      return rows[0]?.at ?? 0;
    },
  };
}

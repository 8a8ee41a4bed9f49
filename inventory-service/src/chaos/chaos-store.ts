import type { AuditEntry, AuditQuery, HaltState } from '@valerix/contracts';
import { type Client, type Pool, transaction } from '@valerix/service-kit/postgres';

export type NewAuditEntry = Pick<AuditEntry, 'who' | 'action' | 'what' | 'why'>;

export type ChaosStore = ReturnType<typeof createChaosStore>;

interface HaltRow extends Omit<HaltState, 'at'> {
  at: Date | null;
}

/** All SQL about the halt of chaos and the operators' audit. */
export function createChaosStore(pool: Pool) {
  return {
    /** Appends to the audit. */
    record: (entry: NewAuditEntry): Promise<void> => insertAudit(pool, entry),

    /** Does `work` and records it, if it succeeds. One at a time, on whichever replica; a halt comes before or after it. */
    recorded<T>(entry: NewAuditEntry, work: (halt: HaltState) => Promise<T>): Promise<T> {
      return transaction(pool, async (client) => {
        const halt = await selectHalt(client, 'FOR UPDATE');
        await insertAudit(client, entry);
        return work(halt);
      });
    },

    async auditPage({ cursor, limit }: AuditQuery): Promise<AuditEntry[]> {
      const { rows } = await pool.query<Omit<AuditEntry, 'at'> & { at: Date }>(
        `SELECT id::text, at, who, action, what, why FROM operator_audit
         WHERE id < coalesce($1, 9223372036854775807) ORDER BY operator_audit.id DESC LIMIT $2`,
        [cursor ?? null, limit],
      );
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
    },

    readHalt: (): Promise<HaltState> => selectHalt(pool, ''),

    /** Calls `work` while the latch is closed and cannot be opened; not at all when it is open. */
    whileHalted(work: (halt: HaltState) => Promise<void>): Promise<void> {
      return transaction(pool, async (client) => {
        const halt = await selectHalt(client, 'FOR SHARE');
        if (halt.halted) await work(halt);
      });
    },

    /** Closes or opens the latch, and records who did. */
    setHalt(halt: HaltState, entry: NewAuditEntry): Promise<void> {
      return transaction(pool, async (client) => {
        await client.query('UPDATE chaos_halt SET halted = $1, by = $2, reason = $3, at = $4', [
          halt.halted,
          halt.by,
          halt.reason,
          halt.at,
        ]);
        await insertAudit(client, entry);
      });
    },
  };
}

/** One row of the audit, in the transaction of what it tells of. */
export async function insertAudit(client: Client | Pool, { who, action, what, why }: NewAuditEntry): Promise<void> {
  await client.query('INSERT INTO operator_audit (who, action, what, why) VALUES ($1, $2, $3, $4)', [
    who,
    action,
    JSON.stringify(what),
    why,
  ]);
}

async function selectHalt(client: Client | Pool, lock: '' | 'FOR SHARE' | 'FOR UPDATE'): Promise<HaltState> {
  const { rows } = await client.query<HaltRow>(`SELECT halted, by, reason, at FROM chaos_halt ${lock}`);
  const row = rows[0] as HaltRow;
  return { ...row, at: row.at?.toISOString() ?? null };
}

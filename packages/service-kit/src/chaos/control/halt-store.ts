import type { AuditEntry, AuditQuery, HaltState } from '@valerix/contracts';
import { insertAudit, type NewAuditEntry } from '../../operator-audit-store.ts';
import { type Client, type Pool, transaction } from '../../postgres.ts';

export type HaltStore = ReturnType<typeof createHaltStore>;

interface HaltRow extends Omit<HaltState, 'at'> {
  at: Date | null;
}

/** The most entries that wait for the database (I13). */
const MAX_LATE = 100;

/** A service's own copy of the halt of chaos, and its operators' audit. */
export function createHaltStore(pool: Pool) {
  const late: NewAuditEntry[] = [];
  return {
    /** Appends to the audit. */
    record: (entry: NewAuditEntry): Promise<void> => insertAudit(pool, entry),

    /** Does `work`, and records it if it succeeds. The row lock orders it before or after a halt on any replica of the service. */
    recorded<T>(entry: NewAuditEntry, work: (halt: HaltState) => Promise<T>): Promise<T> {
      return transaction(pool, async (client) => {
        const halt = await selectHalt(client, 'FOR UPDATE');
        await insertAudit(client, entry);
        return work(halt);
      });
    },

    async auditPage({ cursor, limit }: AuditQuery): Promise<AuditEntry[]> {
      const { rows } = await pool.query<Omit<AuditEntry, 'at'> & { at: Date }>(
        `SELECT id::text, at, who, principal, action, what, why FROM operator_audit
         WHERE id < coalesce($1, 9223372036854775807) ORDER BY operator_audit.id DESC LIMIT $2`,
        [cursor ?? null, limit],
      );
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
    },

    readHalt: (): Promise<HaltState> => selectHalt(pool, ''),

    /** Closes or opens the latch, and records who did; neither if `work` rejects. */
    setHalt(halt: HaltState, entry: NewAuditEntry, work: () => Promise<void> = async () => {}): Promise<void> {
      return transaction(pool, async (client) => {
        await updateHalt(client, halt);
        await insertAudit(client, entry);
        await work();
      });
    },

    /** Keeps an entry in memory until `recordLate` has written it: the end of this process loses it. */
    recordLater(entry: NewAuditEntry): void {
      late.push(entry);
      if (late.length > MAX_LATE) late.shift();
    },

    /** Appends the entries that the database could not take when they were made, oldest first. */
    async recordLate(): Promise<void> {
      for (let entry = late[0]; entry; entry = late[0]) {
        await insertAudit(pool, entry);
        late.shift();
      }
    },

    /** Takes over a latch that another service has recorded. */
    copyHalt: (halt: HaltState): Promise<void> => updateHalt(pool, halt),
  };
}

/** The newest latch stays, in whatever order they arrive. */
async function updateHalt(client: Client | Pool, { halted, by, reason, at }: HaltState): Promise<void> {
  await client.query(
    'UPDATE chaos_halt SET halted = $1, by = $2, reason = $3, at = $4 WHERE at IS NULL OR at <= $4::timestamptz',
    [halted, by, reason, at],
  );
}

async function selectHalt(client: Client | Pool, lock: '' | 'FOR UPDATE'): Promise<HaltState> {
  const { rows } = await client.query<HaltRow>(`SELECT halted, by, reason, at FROM chaos_halt ${lock}`);
  const row = rows[0] as HaltRow;
  return { ...row, at: row.at?.toISOString() ?? null };
}

import type { AuditEntry } from '@valerix/contracts';
import type { Client, Pool } from './postgres.ts';

export type NewAuditEntry = Pick<AuditEntry, 'who' | 'principal' | 'action' | 'what' | 'why'>;

/** Appends a row to the operators' audit, in the transaction of the action it describes. */
export async function insertAudit(
  client: Client | Pool,
  { who, principal, action, what, why }: NewAuditEntry,
): Promise<void> {
  await client.query('INSERT INTO operator_audit (who, principal, action, what, why) VALUES ($1, $2, $3, $4, $5)', [
    who,
    principal,
    action,
    JSON.stringify(what),
    why,
  ]);
}

import { insertAudit, type NewAuditEntry } from '@valerix/service-kit/operator-audit-store';
import { type Pool, transaction } from '@valerix/service-kit/postgres';
import type { Settled } from './decide-payment.ts';
import { write } from './payment-store.ts';

export type AdoptPaymentStore = ReturnType<typeof createAdoptPaymentStore>;

export const createAdoptPaymentStore = (pool: Pool) => ({
  /** Writes a new payment with its ledger entries, and audits it. Rejects with the table's key if the payment is known. */
  adopt: ({ payment, movements }: Settled, entry: NewAuditEntry): Promise<void> =>
    transaction(pool, async (client) => {
      await write(client, { made: [payment], moved: [], movements }, 0);
      await insertAudit(client, entry);
    }),
});

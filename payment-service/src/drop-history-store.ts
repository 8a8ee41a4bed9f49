import type { Client } from '@valerix/service-kit/postgres';
import { type RetainOptions, Wait } from '@valerix/service-kit/retention/retain';

/**
 * The payment service's part of the retention. It drops what the order service has dropped, once nothing of it waits for the provider
 * and the ledger was compared with the provider's books.
 */
export const dropHistory = (verdict: () => string): Pick<RetainOptions, 'tables' | 'close'> => ({
  tables: [
    { name: 'payments', by: 'order_id' },
    { name: 'payment_transactions', by: 'order_id' },
  ],

  async close({ parts: [payments = ''], to }, client, { mayGoBefore }) {
    if (to > mayGoBefore) throw new Wait('the order service has not said that its part of the history is gone');
    if (verdict() !== 'ok') throw new Wait(`the comparison with the provider's books says ${verdict()}, not ok`);
    const requireClosed = async (locked: Client) => {
      const { rows } = await locked.query<{ open: boolean }>(
        `SELECT EXISTS (SELECT FROM ${payments} WHERE waits_for IS NOT NULL) AS open`,
      );
      if (rows[0]?.open) throw new Wait(`${payments} has a payment that waits for the provider`);
    };
    await requireClosed(client);
    return requireClosed;
  },
});

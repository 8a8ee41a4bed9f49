import { MAX_OPEN_PAYMENTS, type Payment as ShownPayment } from '@valerix/contracts';
import type { Payment } from './decide-payment.ts';
import { problem } from './errors.ts';
import type { PaymentReadsStore } from './payment-reads-store.ts';

/** A payment without its token. */
export const shown = ({ token: _token, ...payment }: Payment): ShownPayment => payment;

/** Reads payments and the ledger. @throws NOT_FOUND */
export function createReadPayments(reads: PaymentReadsStore) {
  return {
    async payment(orderId: string): Promise<ShownPayment> {
      const payment = await reads.findPayment(orderId);
      if (!payment) throw problem('NOT_FOUND', `No payment was asked for by order ${orderId}.`);
      return shown(payment);
    },

    /** The oldest payments that wait for the provider. */
    open: async (): Promise<ShownPayment[]> => (await reads.openPayments(MAX_OPEN_PAYMENTS)).map(shown),

    ledger: reads.readLedger,
  };
}

import type { Payment as ShownPayment } from '@valerix/contracts';
import type { Actor } from '@valerix/service-kit/identity/principal';
import { isUniqueViolation } from '@valerix/service-kit/postgres';
import type { AdoptPaymentStore } from './adopt-payment-store.ts';
import { decidePayment, settlePayment } from './decide-payment.ts';
import { problem } from './errors.ts';
import { type PaymentProvider, ProviderUnavailable } from './provider/payment-provider.ts';
import { shown } from './read-payments.ts';

export interface AdoptPaymentDeps {
  provider: Pick<PaymentProvider, 'find'>;
  store: AdoptPaymentStore;
  now: () => Date;
}

/** Books a charge that only the provider knows, for an operator who says why. */
export type AdoptPayment = (orderId: string, actor: Actor, reason: string) => Promise<ShownPayment>;

/**
 * After a restore of an older backup, the provider has charges that this database has forgotten. Here an operator books one of them, as
 * if the order had asked for it just now.
 * @throws NOTHING_TO_ADOPT, PAYMENT_KNOWN, PAYMENT_PENDING if the provider does not answer
 */
export function createAdoptPayment({ provider, store, now }: AdoptPaymentDeps): AdoptPayment {
  return async function adoptPayment(order_id, actor, reason) {
    const told = await provider.find(order_id).catch((error: unknown) => {
      if (!(error instanceof ProviderUnavailable)) throw error;
      throw problem(
        'PAYMENT_PENDING',
        `The provider gave no answer: ${error.message}. Nothing was booked; adopt it again later.`,
      );
    });
    if (told.status !== 'charged' && told.status !== 'refunded') {
      throw problem('NOTHING_TO_ADOPT', `The provider says: ${told.status}.`);
    }
    const at = now().toISOString();
    const { amount_cents, currency } = told;
    const asked = decidePayment({ op: 'charge', order_id, amount_cents, currency, token: '' }, undefined, at);
    const settled = settlePayment(asked, told, at);
    try {
      await store.adopt(settled, { ...actor, action: 'adopt', what: { order_id, ...told }, why: reason });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw problem('PAYMENT_KNOWN', `There is a payment of order ${order_id}.`);
    }
    return shown(settled.payment);
  };
}

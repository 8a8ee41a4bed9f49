import { createBatcher } from '@valerix/service-kit/batcher';
import { isRowError } from '@valerix/service-kit/postgres';
import { type Payment, type ProviderState, type Settled, stepOf } from './decide-payment.ts';
import type { Metrics } from './metrics.ts';
import type { PaymentStore, Told } from './payment-store.ts';
import { type PaymentProvider, ProviderUnavailable } from './provider/payment-provider.ts';

export interface AskProviderDeps {
  provider: Pick<PaymentProvider, 'charge' | 'refund' | 'find'>;
  store: Pick<PaymentStore, 'settleBatch'>;
  metrics: Metrics;
  /** Payments that may wait for the provider at once (I13). */
  bulkhead: number;
  maxBatch: number;
}

/**
 * Asks the provider about an open payment, and books what it says.
 * @param mayHaveBeenSent true unless the charge was opened just now
 * @returns the payment after it @throws {ProviderUnavailable}
 */
export type AskProvider = (payment: Payment, mayHaveBeenSent: boolean) => Promise<Payment>;

/** Books what the provider said by itself. @returns the payment after it; undefined for an order without one */
export type BookTold = (told: Told) => Promise<Payment | undefined>;

/** The two ways in which the provider's word reaches the ledger. */
export function createAskProvider({ provider, store, metrics, bulkhead, maxBatch }: AskProviderDeps) {
  const settlements = createBatcher<Told, Settled | undefined>({
    maxBatch,
    maxWaiting: 10 * bulkhead,
    isItemError: isRowError,
    run: (items) => store.settleBatch(items),
  });
  /** Each question is asked once at a time; later askers wait for the same answer. */
  const underWay = new Map<string, Promise<Payment>>();
  metrics.watchBulkhead(() => underWay.size, bulkhead);

  const book: BookTold = async (told) => {
    const settled = await settlements.submit(told);
    for (const movement of settled?.movements ?? []) metrics.booked(movement);
    return settled?.payment;
  };

  async function ask(payment: Payment, mayHaveBeenSent: boolean): Promise<Payment> {
    const step = stepOf(payment, mayHaveBeenSent);
    if (!step) return payment;
    let told = await say(step, payment);
    if (step === 'find' && told.status === 'unknown') told = await say('charge', payment);
    // Nothing to book.
    if (told.status === 'pending' || told.status === 'unknown') return payment;
    return (await book({ order_id: payment.order_id, told })) ?? payment;
  }

  function say(step: 'charge' | 'find' | 'refund', payment: Payment): Promise<ProviderState> {
    const { order_id, amount_cents, currency, token } = payment;
    if (step !== 'charge') return provider[step](order_id);
    return provider.charge(order_id, { amount_cents: amount_cents ?? 0, currency: currency ?? '' }, token ?? '');
  }

  const askProvider: AskProvider = (payment, mayHaveBeenSent) => {
    // A refund does not wait for the answer to its charge, which may never come.
    const question = `${payment.waits_for} ${payment.order_id}`;
    const asked = underWay.get(question);
    if (asked) return asked;
    if (underWay.size >= bulkhead) {
      return Promise.reject(new ProviderUnavailable('too many payments wait for the provider'));
    }
    const asking = ask(payment, mayHaveBeenSent).finally(() => underWay.delete(question));
    underWay.set(question, asking);
    return asking;
  };

  return { askProvider, bookTold: book };
}

import { UnderWay } from '@valerix/service-kit/under-way';
import { type Payment, type ProviderState, stepOf } from './decide-payment.ts';
import type { Metrics } from './metrics.ts';
import type { PaymentStore, Told } from './payment-store.ts';
import { type PaymentProvider, ProviderUnavailable } from './provider/payment-provider.ts';

export interface AskProviderDeps {
  provider: Pick<PaymentProvider, 'charge' | 'refund' | 'find'>;
  store: Pick<PaymentStore, 'settle'>;
  metrics: Metrics;
  /** Payments that may wait for the provider at once (I13). */
  bulkhead: number;
}

/**
 * How long an answer of the provider waits for others that are on their way, milliseconds. They are then booked by one statement. A real
 * provider takes a hundred times as long to charge.
 */
const GATHER_MS = 5;

/**
 * Asks the provider about an open payment, and books what it says.
 * @param mayHaveBeenSent true unless the charge was opened just now
 * @returns the payment after it @throws {ProviderUnavailable}
 */
export type AskProvider = (payment: Payment, mayHaveBeenSent: boolean) => Promise<Payment>;

/** Books what the provider said by itself. @returns the payment after it; undefined for an order without one */
export type BookTold = (told: Told) => Promise<Payment | undefined>;

/** The two ways in which the provider's word reaches the ledger. */
export function createAskProvider({ provider, store, metrics, bulkhead }: AskProviderDeps) {
  /** Each question is asked once at a time; later askers wait for the same answer. */
  const underWay = new UnderWay<{ question: string; asking: Promise<Payment> }>();
  metrics.watchBulkhead(() => underWay.size, bulkhead);

  const answers = createGathering();

  const book: BookTold = async (told) => {
    const { payment, movements } = await store.settle(told);
    for (const movement of movements) metrics.booked(movement);
    return payment;
  };

  async function ask(payment: Payment, mayHaveBeenSent: boolean): Promise<Payment> {
    const step = stepOf(payment, mayHaveBeenSent);
    if (!step) return payment;
    const told = await answers.gather(learn(step, payment));
    // Nothing to book.
    if (told.status === 'pending' || told.status === 'unknown') return payment;
    return (await book({ order_id: payment.order_id, told, seen: payment })) ?? payment;
  }

  async function learn(step: 'charge' | 'find' | 'refund', payment: Payment): Promise<ProviderState> {
    const told = await say(step, payment);
    return step === 'find' && told.status === 'unknown' ? say('charge', payment) : told;
  }

  function say(step: 'charge' | 'find' | 'refund', payment: Payment): Promise<ProviderState> {
    const { order_id, amount_cents, currency, token } = payment;
    if (step !== 'charge') return provider[step](order_id);
    return provider.charge(order_id, { amount_cents: amount_cents ?? 0, currency: currency ?? '' }, token ?? '');
  }

  const askProvider: AskProvider = (payment, mayHaveBeenSent) => {
    // A refund does not wait for the answer to its charge, which may never come.
    const question = `${payment.waits_for} ${payment.order_id}`;
    const asked = underWay.find((one) => one.question === question);
    if (asked) return asked.asking;
    if (underWay.size >= bulkhead) {
      return Promise.reject(new ProviderUnavailable('too many payments wait for the provider'));
    }
    let leave: (() => void) | undefined;
    const asking = ask(payment, mayHaveBeenSent).finally(() => leave?.());
    leave = underWay.add({ question, asking });
    return asking;
  };

  return { askProvider, bookTold: book };
}

/** Lets answers that come shortly after each other go on together. */
function createGathering() {
  let awaited = 0;
  let together: PromiseWithResolvers<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function goOn(): void {
    clearTimeout(timer);
    together?.resolve();
    together = undefined;
  }

  return {
    /** The answer, once no other one is awaited, or after `GATHER_MS`. */
    async gather<T>(answer: Promise<T>): Promise<T> {
      awaited++;
      try {
        await answer;
      } finally {
        awaited--;
        if (awaited === 0) goOn();
      }
      if (awaited > 0) {
        if (!together) timer = setTimeout(goOn, GATHER_MS);
        together ??= Promise.withResolvers<void>();
        await together.promise;
      }
      return answer;
    },
  };
}

import type { PaymentDecision } from '@valerix/contracts';
import { within } from '@valerix/service-kit/backoff';
import type { Deadline } from '@valerix/service-kit/deadline';
import { decideInBatches } from '@valerix/service-kit/decide-in-batches';
import type { AskProvider } from './ask-provider.ts';
import { answerTo, type Payment, type PaymentOrder } from './decide-payment.ts';
import { problem } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { Decided, PaymentStore } from './payment-store.ts';
import { ProviderUnavailable } from './provider/payment-provider.ts';

export interface TakePaymentsDeps {
  store: Pick<PaymentStore, 'decide'>;
  askProvider: AskProvider;
  metrics: Metrics;
  maxBatch: number;
  maxWaiting: number;
}

/** Answers one command with its decision, once the provider has confirmed it. */
export type TakePayment = (command: PaymentOrder, deadline: Deadline) => Promise<PaymentDecision>;

/**
 * The life of a payment: commit the intent, ask the provider, book its answer, reply.
 * @throws DEADLINE_EXCEEDED before anything was done, PAYMENT_PENDING if the provider has not confirmed in time, OVERLOADED if too many
 * commands wait
 */
export function createTakePayment({
  store,
  askProvider,
  metrics,
  maxBatch,
  maxWaiting,
}: TakePaymentsDeps): TakePayment {
  const openOrNot = decideInBatches<PaymentOrder, PromiseSettledResult<Decided>>({
    maxBatch,
    maxWaiting,
    metrics,
    // One command that the database refuses must not have the others, which it took, sent again.
    decide: (commands) => Promise.allSettled(commands.map(store.decide)),
  });

  return async function takePayment(command, deadline) {
    const intent = await open(command, deadline);
    const decision = answerTo(command.op, intent.payment) ?? answerTo(command.op, await confirmed(intent, deadline));
    if (!decision) throw pending('The provider has not decided yet.');
    metrics.decisions.inc({ outcome: decision.outcome });
    return decision;
  };

  async function open(command: PaymentOrder, deadline: Deadline): Promise<Decided> {
    const opened = await openOrNot(command, deadline);
    if (opened.status === 'rejected') throw opened.reason;
    return opened.value;
  }

  /** The payment after the provider's answer. What comes after the deadline is still booked. */
  async function confirmed({ payment, isNew }: Decided, deadline: Deadline): Promise<Payment> {
    try {
      const settled = await within(deadline.remainingMs(), askProvider(payment, !isNew));
      if (!settled) throw pending('The provider did not answer in time.');
      return settled;
    } catch (error) {
      if (error instanceof ProviderUnavailable) throw pending(`The provider gave no answer: ${error.message}.`);
      throw error;
    }
  }
}

const pending = (detail: string) => problem('PAYMENT_PENDING', detail, { headers: { 'Retry-After': '1' } });

import type { PointOf } from '@valerix/contracts';
import type { FaultContext } from '@valerix/service-kit/chaos/fault-context';
import type { Injector } from '@valerix/service-kit/chaos/injector';
import { withFailpoints } from '@valerix/service-kit/chaos/wrap';
import type { AskProvider, BookTold } from '../ask-provider.ts';
import type { PaymentOrder, ProviderState } from '../decide-payment.ts';
import type { PaymentProvider } from '../provider/payment-provider.ts';
import type { TakePayment } from '../take-payments.ts';

/** Undefined with CHAOS=off: then every step stays as it is. */
type PaymentInjector = Injector<PointOf<'payment'>> | undefined;

const ofCommand = ({ order_id, attempt = 1 }: PaymentOrder & { attempt?: number }): FaultContext => ({
  order_id,
  attempt,
  method: 'POST',
  paths: ['/api/payments/commands'],
});
const ofOrder = ({ order_id }: { order_id: string }): FaultContext => ({ order_id });

/** Commands travel together; each passes its failpoints by itself, so a fault on one order hits only its line. */
export function withCommandFaults(injector: PaymentInjector, takePayment: TakePayment): TakePayment {
  const taken = withFailpoints(injector, takePayment, {
    before: 'payment.before-intent',
    after: 'after-commit',
    context: ofCommand,
  });
  return withFailpoints(injector, taken, { before: 'inbound', context: ofCommand });
}

/** The failpoint between an intent and the question about it. */
export const withAskingFaults = (
  injector: PaymentInjector,
  ask: AskProvider,
  before: 'payment.after-intent' | 'worker.after-claim',
): AskProvider => withFailpoints(injector, ask, { before, context: ofOrder });

/** The failpoints around each question to the provider. */
export function withProviderFaults(injector: PaymentInjector, provider: PaymentProvider): PaymentProvider {
  const around = {
    before: 'outbound',
    after: 'payment.before-book',
    context: (order_id: string) => ({ order_id }),
    reached: ({ status }: ProviderState) => status !== 'unknown' && status !== 'pending',
  } as const;
  return {
    ...provider,
    charge: withFailpoints(injector, provider.charge, around),
    refund: withFailpoints(injector, provider.refund, around),
    find: withFailpoints(injector, provider.find, around),
  };
}

/** The failpoint between a webhook and its booking. */
export const withWebhookFaults = (injector: PaymentInjector, bookTold: BookTold): BookTold =>
  withFailpoints(injector, bookTold, { before: 'payment.before-book', context: ofOrder });

/** The hook inside a transaction, while a fault is armed there. A fault that hits one order fails its whole batch. */
export function beforeCommitFaults(injector: PaymentInjector) {
  const point = injector?.point('ledger.before-commit');
  const hook = withFailpoints(injector, async (_orderIds: string[]) => {}, {
    before: 'ledger.before-commit',
    context: (orderIds) => orderIds.map((order_id) => ({ order_id })),
  });
  return () => (point?.armed ? hook : undefined);
}

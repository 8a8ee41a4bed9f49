import type { PointOf } from '@valerix/contracts';
import type { Injector } from '@valerix/service-kit/chaos/injector';
import { withFailpoints } from '@valerix/service-kit/chaos/wrap';
import type { Webhook } from '../provider-store.ts';
import type { SendWebhook } from '../send-webhooks.ts';
import type { ChargeRequest, TakeCharges } from '../take-charges.ts';

/** Undefined with CHAOS=off: then every step stays as it is. */
type ProviderInjector = Injector<PointOf<'provider'>> | undefined;

/** The failpoints around the booking of a charge or a refund. */
export function withChargingFaults(
  injector: ProviderInjector,
  { charge, refund, find }: Pick<TakeCharges, 'charge' | 'refund' | 'find'>,
) {
  const around = { before: 'charge.before-commit', after: 'after-commit' } as const;
  return {
    charge: withFailpoints(injector, charge, {
      ...around,
      context: ({ reference }: ChargeRequest) => ({ order_id: reference }),
    }),
    refund: withFailpoints(injector, refund, {
      ...around,
      context: (reference: string) => ({ order_id: reference }),
    }),
    find,
  };
}

/** The failpoint before a webhook is sent. */
export const withSendingFaults = (injector: ProviderInjector, send: SendWebhook): SendWebhook =>
  withFailpoints(injector, send, {
    before: 'webhook.before-send',
    context: ({ reference }: Webhook) => ({ order_id: reference }),
  });

import { pause } from '@valerix/service-kit/backoff';
import { createBatcher } from '@valerix/service-kit/batcher';
import { isRowError } from '@valerix/service-kit/postgres';
import { v7 } from 'uuid';
import { behaviourOf, type Charge, webhookBody } from './charge.ts';
import type { NewCharge, ProviderStore, Webhook } from './provider-store.ts';

/** A charge whose outcome is told by webhook alone can be asked for after so long all the same, milliseconds. */
const SILENT_MS = 60_000;

export interface TakeChargesDeps {
  store: ProviderStore;
  reads: Pick<ProviderStore, 'readBooks'>;
  now: () => Date;
  maxBatch: number;
  maxWaiting: number;
  slowMs: number;
  lateMs: number;
  /** Whether webhooks can be sent at all. */
  hasWebhooks: boolean;
  webhookPercentage: number;
  webhookDelayMs: number;
  webhookTwicePercentage: number;
}

export interface ChargeRequest {
  reference: string;
  amount: number;
  currency: string;
  source: string;
}

/** What the simulated provider does for its callers. */
export function createTakeCharges(deps: TakeChargesDeps) {
  const { store, now, slowMs, lateMs } = deps;
  const happens = (percentage: number) => Math.random() * 100 < percentage;

  const batcher = createBatcher<{ charge: NewCharge; webhook: Webhook | undefined }, Charge>({
    maxBatch: deps.maxBatch,
    maxWaiting: deps.maxWaiting,
    isItemError: isRowError,
    run: (items) =>
      store.charge(
        items.map(({ charge }) => charge),
        items.flatMap(({ webhook }) => webhook ?? []),
      ),
  });

  /** The webhook that tells of a charge; late, and sometimes twice. */
  function webhookOf(charge: Charge, isOnlyWay = false): Webhook | undefined {
    if (!deps.hasWebhooks || !(isOnlyWay || happens(deps.webhookPercentage))) return undefined;
    return {
      id: v7({ msecs: now().getTime() }),
      reference: charge.reference,
      body: webhookBody(charge, now()),
      deliveries: happens(deps.webhookTwicePercentage) ? 2 : 1,
      due_at: later().toISOString(),
    };
  }

  const later = () => new Date(now().getTime() + Math.random() * deps.webhookDelayMs);

  return {
    /** Charges once per reference. A repeated request gets what stands under the reference; `isLost` if its reply is to be lost. */
    async charge(asked: ChargeRequest) {
      const { status, failureCode = null, reply, byWebhook } = behaviourOf(asked.source);
      const nowMs = now().getTime();
      const at = (ms: number) => new Date(nowMs + ms).toISOString();
      const charge: NewCharge = {
        ...asked,
        status,
        failure_code: failureCode,
        succeeds_at: byWebhook ? at(lateMs) : null,
        tells_at: at(byWebhook ? lateMs + SILENT_MS : 0),
      };
      const { source: _source, succeeds_at: _succeeds, tells_at: _tells, ...shown } = charge;
      const webhook = status === 'processing' ? undefined : webhookOf(shown);
      const stands = await batcher.submit({ charge, webhook });
      if (reply === 'late') await pause(slowMs);
      return { charge: stands, isLost: reply === 'lost' };
    },

    /** Gives the money of a reference back, or makes sure that it is never taken. */
    refund: (reference: string) => store.refund(reference, (charge) => webhookOf(charge)),

    find: (reference: string) => store.find(reference),

    /** Lets late charges succeed. Their webhook is the only way to learn it. */
    succeedLate: () => store.succeedLate((charge) => webhookOf(charge, true)),

    books: deps.reads.readBooks,

    /** When a webhook is delivered again. */
    later,
  };
}

export type TakeCharges = ReturnType<typeof createTakeCharges>;

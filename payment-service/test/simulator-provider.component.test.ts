import { signWebhook } from '@valerix/service-kit/webhooks';
import { afterAll, beforeAll } from 'vitest';
import { SECRETS } from '../../test/support/service-process.ts';
import { createSimulatorProvider } from '../src/provider/simulator-provider.ts';
import { type ProviderHarness, startProvider } from './payment-harness.ts';
import { MONEY, providerContract } from './provider-contract.ts';

let simulator: ProviderHarness;
beforeAll(async () => {
  simulator = await startProvider();
});
afterAll(() => simulator.stop());

const at = (url: string) =>
  createSimulatorProvider({
    url,
    credential: SECRETS.PAYMENT_TO_PROVIDER_CREDENTIAL,
    webhookSecret: SECRETS.WEBHOOK_SECRET,
    timeoutMs: 2_000,
    connections: 16,
  });

providerContract('provider-simulator', {
  provider: () => at(simulator.url),
  unreachable: () => at('http://127.0.0.1:9'),
  tokens: { accepted: 'tok_ok', declined: 'tok_declined', lost: 'tok_lost_reply', undecided: 'tok_never' },
  webhook(reference) {
    const data = {
      reference,
      amount: MONEY.amount_cents,
      currency: MONEY.currency,
      status: 'succeeded',
      failure_code: null,
    };
    const body = JSON.stringify({ type: 'charge.succeeded', data });
    return { headers: { ...signWebhook(SECRETS.WEBHOOK_SECRET, 'msg_1', body) }, body };
  },
});

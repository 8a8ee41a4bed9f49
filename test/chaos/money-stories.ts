import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkDatabases } from '@valerix/gameday/checker';
import { eventually } from '../support/eventually.ts';
import { insist, isFinal, orderRequest } from '../support/good-client.ts';
import { type Answer, ask } from '../support/http.ts';
import { cancel, cutOff, idOf, requireFired, type Story, settled } from './stories.ts';
import { ITEMS, type SweepStack } from './sweep-stack.ts';

const line = (item_id = ITEMS[0] as string, quantity = 1) => [{ item_id, quantity }];

const pay = (lab: SweepStack, token: string, items = line(), more: object = {}): Promise<Answer> =>
  insist(`${lab.orderUrl}/api/orders`, orderRequest(randomUUID(), items, { payment: { token }, ...more }), isFinal);

/** Stories about money, one each. With every guard in place each of them ends well. */
export const MONEY_STORIES = {
  'a provider whose reply is lost': async (lab) => {
    await settled(lab, await pay(lab, 'tok_lost_reply'));
    return [];
  },

  'a webhook that is sent twice': async (lab) => {
    await settled(lab, await pay(lab, 'tok_webhook_only'));
    // The second one is sent within 100 ms after the first.
    await sleep(500);
    return [];
  },

  'a card that is charged although the stock is gone': async (lab) => {
    // The total is what an order that does not wait for the price would charge.
    await settled(lab, await pay(lab, 'tok_ok', line('chair', 999)));
    return [];
  },

  'a charge after the cancellation': async (lab) => {
    const params = { latency_ms: 900 };
    const point = 'saga.after-reserve';
    const held = await lab.chaos.arm({ service: 'order-service', point, type: 'latency', params, max_hits: 1 });
    // The order is queued, and a worker stalls before the charge.
    await cutOff(lab);
    const id = idOf(await pay(lab, 'tok_ok'));
    await eventually(() => requireFired(lab, held.id));
    await cancel(lab, id);
    await sleep(1_500);
    return [];
  },

  'a cancellation while the provider has not decided': async (lab) => {
    await cancel(lab, idOf(await pay(lab, 'tok_webhook_only')));
    // A charge that was not ended succeeds after 400 ms.
    await sleep(1_500);
    return [];
  },

  'a refund that cannot be asked for': async (lab) => {
    const id = await settled(lab, await pay(lab, 'tok_ok'));
    await lab.chaos.arm({ service: 'payment-service', point: 'payment.before-intent', type: 'error' });
    await ask(`${lab.orderUrl}/api/orders/${id}/cancel`, { method: 'POST' });
    await sleep(500);
    const meanwhile = await checkDatabases({ services: lab.stack.services, expectSettled: false });
    await lab.chaos.clear();
    await cancel(lab, id);
    return meanwhile.map(({ invariant, detail }) => `${invariant}: ${detail}`);
  },
} as const satisfies Record<string, Story>;

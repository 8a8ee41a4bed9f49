import { defenceOf } from '@valerix/gameday/defences';
import type { Sabotage } from './sabotages.ts';

const decidePayment = 'payment-service/src/decide-payment.ts';
const paymentStore = 'payment-service/src/payment-store.ts';
const saga = 'order-service/src/saga.ts';
const participants = 'order-service/src/participants.ts';

/** Each breaks one promise about money. */
export const MONEY_SABOTAGES: Sabotage[] = [
  {
    name: 'undo in the wrong order: the stock is given back before the money',
    caughtBy: 'I15',
    story: 'a refund that cannot be asked for',
    cuts: defenceOf('undo-order').cuts,
  },
  {
    name: 'no tombstone in payments: a refund of an unseen charge leaves nothing',
    caughtBy: 'I16',
    story: 'a charge after the cancellation',
    cuts: [
      {
        file: paymentStore,
        find: 'const made = touched.filter(({ order_id }) => !before.has(order_id));',
        replace: `const made = touched.filter(({ order_id, outcome }) => !before.has(order_id) && outcome !== 'voided');`,
      },
      { file: decidePayment, find: "...VOIDED, waits_for: 'refund', decided_at", replace: '...VOIDED, decided_at' },
    ],
  },
  {
    name: 'charge before stock',
    caughtBy: 'I16',
    story: 'a card that is charged although the stock is gone',
    cuts: [
      {
        file: saga,
        find: `  { participant: 'inventory', op: 'reserve', undo: 'release' },
  { participant: 'payment', op: 'charge', undo: 'refund' },`,
        replace: `  { participant: 'payment', op: 'charge', undo: 'refund' },
  { participant: 'inventory', op: 'reserve', undo: 'release' },`,
      },
      {
        file: participants,
        find: 'if (!prices || amount_cents === null || token === null) return undefined;',
        replace: "if (!prices) return { op, order_id, amount_cents: 1, currency: 'EUR', token: token as string };",
      },
    ],
  },
  {
    name: 'a charge is tried again without looking it up, under a new name each time',
    caughtBy: 'I14',
    story: 'a provider whose reply is lost',
    cuts: defenceOf('look-up').cuts,
  },
  {
    name: 'a webhook is booked every time it arrives',
    caughtBy: 'I14',
    story: 'a webhook that is sent twice',
    cuts: defenceOf('booked-once').cuts,
    guards: { payment: 'DROP INDEX payment_transactions_once;' },
  },
  {
    name: 'refund without a decision: what the provider takes after it is kept',
    caughtBy: 'I16',
    story: 'a cancellation while the provider has not decided',
    cuts: [
      { file: decidePayment, find: "token: null, waits_for: 'refund'", replace: 'token: null, waits_for: null' },
      { file: decidePayment, find: "isOurs ? booked : { ...booked, waits_for: 'refund' }", replace: 'booked' },
    ],
  },
];

import type { Defence } from './defence.ts';
import { invariantHolds } from './property.ts';

const decidePayment = 'payment-service/src/decide-payment.ts';
const paymentStore = 'payment-service/src/payment-store.ts';
const takePayments = 'payment-service/src/take-payments.ts';
const askProvider = 'payment-service/src/ask-provider.ts';
const saga = 'order-service/src/saga.ts';
const participants = 'order-service/src/participants.ts';

const staysCharged = (promise: string, counted: string) => invariantHolds('I16', promise, counted, /stays charged/);

/** The defences of money, in the order in which a paid order meets them. */
export const MONEY: readonly Defence[] = [
  {
    name: 'stock-first',
    what: 'The stock is reserved before the money is taken.',
    where: [`${saga}:PAID`],
    fault: 'Many more paying buyers come than there are units, and three of ten replies of the provider are lost.',
    experiment: 'paid-rush',
    property: staysCharged('a refused order keeps no money', 'refused orders that stay charged'),
    removed: 'the order of the steps: the charge comes first, for a price that is not known yet',
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
    name: 'intent',
    what: 'Money that the provider was asked for is found after a crash: the intent is committed first, and a refund that finds none asks too.',
    where: [`${takePayments}:createTakePayment`, `${decidePayment}:decidePayment`],
    fault: 'The payment service is killed four times while it asks the provider, and most orders are cancelled.',
    experiment: 'killed-payments',
    property: invariantHolds(
      'I14',
      "our ledger and the provider's books say the same",
      'orders that only the provider has charged',
      /ours nothing/,
    ),
    removed:
      'both, because each alone is enough: the wait for the commit (the intent is written 0.3 s after the provider is asked), and the question of such a refund',
    cuts: [
      { file: takePayments, find: 'import { answerTo, ', replace: 'import { answerTo, decidePayment, ' },
      {
        file: takePayments,
        find: 'const intent = await open(command, deadline);',
        replace: `const isFirst = command.op === 'charge' && (command as { attempt?: number }).attempt === 1;
    if (isFirst) setTimeout(() => void open(command, deadline).catch(() => {}), 300);
    const unwritten = { payment: decidePayment(command, undefined, new Date().toISOString()), isNew: true };
    const intent = isFirst ? unwritten : await open(command, deadline);`,
      },
      { file: decidePayment, find: "...VOIDED, waits_for: 'refund', decided_at", replace: '...VOIDED, decided_at' },
    ],
    // The comparison with the books would find these charges within seconds, and refund them.
    settings: { payment: { RECONCILE_GRACE_MS: '600000' } },
  },
  {
    name: 'look-up',
    what: 'A charge that may have been sent is looked up by its reference before it is sent again.',
    where: [`${decidePayment}:stepOf`, `${askProvider}:createAskProvider`],
    fault: 'The provider charges, and three of ten replies are lost.',
    experiment: 'lost-charges',
    property: invariantHolds(
      'I14',
      'the provider charges an order once',
      'orders charged twice',
      /^the provider's books say it was charged \d+ times/,
    ),
    removed: 'the look-up, and the reference: each charge is sent under a name of its own',
    cuts: [
      { file: decidePayment, find: "return mayHaveBeenSent ? 'find' : 'charge';", replace: "return 'charge';" },
      {
        file: askProvider,
        find: 'return provider.charge(order_id,',
        replace: "return provider.charge(order_id + '/' + Math.random(),",
      },
    ],
  },
  {
    name: 'booked-once',
    what: 'What the provider says is booked once, however often its replies and webhooks say it.',
    where: [`${decidePayment}:bookCharge`, `${decidePayment}:settlePayment`],
    fault: 'The same: lost replies, and webhooks about charges that are booked already, some of them twice.',
    experiment: 'lost-charges',
    property: invariantHolds(
      'I14',
      'our ledger books a charge once',
      'orders booked twice',
      /^our ledger says it was charged \d+ times/,
    ),
    removed: 'the look at what is booked already, and the unique index of the ledger',
    cuts: [
      {
        file: decidePayment,
        find: 'if (payment.charged_at !== null) return { payment, movements: [] };',
        replace: '',
      },
    ],
    guards: { payment: 'DROP INDEX payment_transactions_once;' },
  },
  {
    name: 'payment-tombstone',
    what: 'The refund of an unknown payment is a decision too: a charge that arrives later is refused.',
    where: [`${decidePayment}:decidePayment`],
    fault: 'A worker stalls between the reservation and the charge; meanwhile the order is cancelled.',
    experiment: 'late-charges',
    property: staysCharged('a cancelled order keeps no money', 'cancelled orders that stay charged'),
    removed: 'the record of the refund, and the question to the provider that ends the charge',
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
    name: 'first-decision',
    what: 'A refund decides about an open charge: the provider is told to end it, and what it takes nevertheless is refunded.',
    where: [`${decidePayment}:decidePayment`, `${decidePayment}:settlePayment`],
    fault: 'The provider decides a second after it was asked; meanwhile most of the orders are cancelled.',
    experiment: 'undecided-charges',
    property: staysCharged('a cancelled order keeps no money', 'cancelled orders that stay charged'),
    removed: 'the question that ends the charge, and the refund of money that comes after the decision',
    cuts: [
      { file: decidePayment, find: "token: null, waits_for: 'refund'", replace: 'token: null, waits_for: null' },
      { file: decidePayment, find: "isOurs ? booked : { ...booked, waits_for: 'refund' }", replace: 'booked' },
    ],
  },
  {
    name: 'undo-order',
    what: 'An order is undone in the opposite order: the money is refunded before its stock is released.',
    where: [`${saga}:undoStepsOf`],
    fault:
      'For three seconds the payment service takes no command, three times; meanwhile most of the orders are cancelled.',
    experiment: 'refused-refunds',
    property: invariantHolds(
      'I15',
      'no money is kept without its stock, at any moment',
      'orders whose stock was released while their money was kept',
      /released before/,
    ),
    removed: 'the opposite order: the stock is released first',
    cuts: [{ file: saga, find: '.toReversed();', replace: ';' }],
  },
];

import type { Defence } from './defence.ts';
import { invariantHolds } from './property.ts';

const saga = 'order-service/src/saga.ts';

/** The defences of money. */
export const MONEY: readonly Defence[] = [
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

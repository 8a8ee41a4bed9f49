import { decide } from '../../../inventory-service/src/decide.ts';
import {
  isOverdue,
  mayMove,
  type Order,
  STATUS,
  sourcesOf,
  statusAfter,
  statusWhenUndone,
} from '../../../order-service/src/order.ts';
import { stepsOf, undoStepsOf } from '../../../order-service/src/saga.ts';
import { decidePayment, settlePayment, stepOf } from '../../../payment-service/src/decide-payment.ts';

type Status = Order['status'];

/**
 * The rules that the search explores: the functions and tables that the services ship, and the two conditions that they leave to
 * PostgreSQL. A sabotage replaces one of them.
 */
export interface Rules {
  decide: typeof decide;
  decidePayment: typeof decidePayment;
  stepOf: typeof stepOf;
  settlePayment: typeof settlePayment;
  stepsOf: typeof stepsOf;
  undoStepsOf: typeof undoStepsOf;
  statusAfter: typeof statusAfter;
  statusWhenUndone: typeof statusWhenUndone;
  isOverdue: typeof isOverdue;
  mayMove: typeof mayMove;
  sourcesOf: typeof sourcesOf;
  factsOf: (status: Status) => Pick<(typeof STATUS)[Status], 'work' | 'answer' | 'cancellation'>;
  /** `UPDATE … WHERE status = …` (order-store.ts). */
  matches: (stored: Status, from: Status) => boolean;
  /** `INSERT … ON CONFLICT DO NOTHING` (order-store.ts). */
  keyIsTaken: (orders: number) => boolean;
}

export const SHIPPED: Rules = {
  decide,
  decidePayment,
  stepOf,
  settlePayment,
  stepsOf,
  undoStepsOf,
  statusAfter,
  statusWhenUndone,
  isOverdue,
  mayMove,
  sourcesOf,
  factsOf: (status) => STATUS[status],
  matches: (stored, from) => stored === from,
  keyIsTaken: (orders) => orders > 0,
};

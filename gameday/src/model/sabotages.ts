import type { Invariant } from '@valerix/contracts';
import { type Rules, SHIPPED } from './rules.ts';
import type { Setting } from './search.ts';

/** A rule taken out on purpose, and the invariant that then breaks. */
export interface Sabotage {
  name: string;
  caughtBy: Invariant;
  rules: Partial<Rules>;
  /** True if only a paid order shows it. */
  paid: boolean;
  /** How many faults it takes; 2 when absent. */
  faults?: number;
}

const { decide, decidePayment, settlePayment, statusAfter, undoStepsOf, stepsOf } = SHIPPED;

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'stock is not checked',
    caughtBy: 'I2',
    paid: false,
    rules: {
      decide: (commands, stock, prior, now) =>
        decide(commands, new Map([...stock].map(([item, of]) => [item, { ...of, quantity: 1_000 }])), prior, now),
    },
  },
  {
    name: 'a key is taken twice',
    caughtBy: 'I3',
    paid: false,
    rules: { keyIsTaken: () => false },
  },
  {
    name: 'every deduction is decided anew',
    caughtBy: 'I4',
    paid: false,
    rules: {
      decide: (commands, stock, prior, now) =>
        decide(commands, stock, commands[0]?.op === 'deduct' ? new Map() : prior, now),
    },
  },
  {
    name: 'a release is counted every time it is asked for',
    caughtBy: 'I4',
    paid: false,
    rules: {
      decide: (commands, stock, prior, now) =>
        decide(
          commands,
          stock,
          new Map([...prior].map(([id, decision]) => [id, { ...decision, released_at: null }])),
          now,
        ),
    },
  },
  {
    name: 'an order that never left is confirmed',
    caughtBy: 'I5',
    paid: false,
    rules: { statusAfter: (outcome) => statusAfter(outcome.kind === 'not-sent' ? { kind: 'applied' } : outcome) },
  },
  {
    name: 'no tombstone: a release of an unseen order leaves nothing',
    caughtBy: 'I6',
    paid: false,
    rules: {
      decide(commands, stock, prior, now) {
        const verdict = decide(commands, stock, prior, now);
        return { ...verdict, made: verdict.made.filter(({ outcome }) => outcome !== 'voided') };
      },
    },
  },
  {
    name: 'an unknown outcome becomes failed',
    caughtBy: 'I6',
    paid: false,
    rules: {
      statusAfter: (outcome) =>
        outcome.kind === 'unknown' ? { status: 'failed', reason: 'OUT_OF_STOCK' } : statusAfter(outcome),
    },
  },
  {
    name: 'no compare in the compare-and-set',
    caughtBy: 'I9',
    paid: false,
    rules: { matches: () => true },
  },
  {
    name: 'the worker leaves queued orders alone',
    caughtBy: 'I8',
    paid: false,
    faults: 0,
    rules: {
      factsOf: (status) => ({ ...SHIPPED.factsOf(status), ...(status === 'queued' && { work: null }) }) as never,
    },
  },
  {
    name: 'undo in the wrong order: the stock before the money',
    caughtBy: 'I15',
    paid: true,
    rules: { undoStepsOf: (order) => undoStepsOf(order).toReversed() },
  },
  {
    name: 'charge before stock',
    caughtBy: 'I15',
    paid: true,
    rules: {
      stepsOf: (order) => stepsOf(order).toSorted((a, b) => Number(b.op === 'charge') - Number(a.op === 'charge')),
    },
  },
  {
    name: 'no tombstone in payments',
    caughtBy: 'I15',
    paid: true,
    rules: {
      decidePayment(command, prior, now) {
        const payment = decidePayment(command, prior, now);
        // What is refused here is forgotten at once, so that the charge that comes later opens a payment.
        return command.op === 'refund' && prior === undefined
          ? { ...payment, order_id: 'forgotten', waits_for: null }
          : payment;
      },
    },
  },
  {
    name: 'what the provider says is booked every time',
    caughtBy: 'I14',
    paid: true,
    rules: {
      settlePayment: (payment, told, now) => settlePayment({ ...payment, charged_at: null }, told, now),
    },
  },
  {
    name: 'refund without a decision: a charge under way is not given back',
    caughtBy: 'I15',
    paid: true,
    rules: {
      decidePayment: (command, prior, now) =>
        command.op === 'refund' && prior?.waits_for === 'charge'
          ? { ...decidePayment(command, prior, now), waits_for: null }
          : decidePayment(command, prior, now),
    },
  },
  {
    name: 'nobody undoes a refused order',
    caughtBy: 'I18',
    paid: true,
    faults: 0,
    rules: {
      factsOf: (status) => ({ ...SHIPPED.factsOf(status), ...(status === 'compensating' && { work: null }) }) as never,
    },
  },
  {
    name: 'money that the provider takes after the undoing stays there',
    caughtBy: 'I15',
    paid: true,
    rules: {
      settlePayment(payment, told, now) {
        const settled = settlePayment(payment, told, now);
        const isLate = payment.outcome === 'voided' && told.status === 'charged';
        return isLate ? { ...settled, payment: { ...settled.payment, waits_for: null } } : settled;
      },
    },
  },
  {
    name: 'a declined order fails before its stock is given back',
    caughtBy: 'I6',
    paid: true,
    rules: {
      statusAfter: (outcome) => statusAfter(outcome.kind === 'refused' ? { ...outcome, isFirst: true } : outcome),
    },
  },
];

/** What a sabotage is searched in: the smallest setting that shows it. */
export const sabotageSetting = ({ paid, faults = 2 }: Pick<Sabotage, 'paid' | 'faults'>): Setting => {
  const order = { lines: LINES, paid };
  return {
    orders: paid ? [order] : [order, order],
    stock: { ps5: 1, switch: 1 },
    budget: { crash: 1, duplicate: 1, late: 1, cancellation: 1, timeout: 1, total: faults },
  };
};

export const LINES = [
  { item_id: 'ps5', quantity: 1 },
  { item_id: 'switch', quantity: 1 },
];

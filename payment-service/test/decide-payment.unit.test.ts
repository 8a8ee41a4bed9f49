import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answerTo,
  decidePayment,
  type Payment,
  type PaymentMovement,
  type PaymentOrder,
  type ProviderState,
  settlePayment,
  stepOf,
} from '../src/decide-payment.ts';

const ORDER = 'order';
const MONEY = { amount_cents: 1_000, currency: 'EUR' };
const NOW = '2026-01-01T00:00:00.000Z';
const charge: PaymentOrder = { op: 'charge', order_id: ORDER, token: 'tok', ...MONEY };
const refund: PaymentOrder = { op: 'refund', order_id: ORDER };

/** A provider that keeps its contract: it charges a reference at most once, and never after a refund. */
class Provider {
  state: ProviderState = { status: 'unknown' };
  taken = 0;
  given = 0;

  charge(outcome: 'charged' | 'declined' | 'pending'): ProviderState {
    if (this.state.status !== 'unknown') return this.state;
    if (outcome === 'charged') this.taken++;
    this.state =
      outcome === 'charged'
        ? { status: 'charged', ...MONEY }
        : outcome === 'declined'
          ? { status: 'declined', reason: 'CARD_DECLINED' }
          : { status: 'pending' };
    return this.state;
  }

  refund(): ProviderState {
    if (this.state.status === 'charged') {
      this.given++;
      this.state = { status: 'refunded', ...MONEY };
    } else if (this.state.status !== 'refunded' && this.state.status !== 'declined') this.state = { status: 'voided' };
    return this.state;
  }

  /** A charge in progress is decided by the provider itself. */
  decide(): void {
    if (this.state.status !== 'pending') return;
    this.taken++;
    this.state = { status: 'charged', ...MONEY };
  }
}

type Action =
  | { kind: 'charge' | 'refund' | 'decide' | 'webhook' }
  | { kind: 'work'; outcome: 'charged' | 'declined' | 'pending'; lost: boolean };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constantFrom('charge' as const, 'refund' as const, 'decide' as const, 'webhook' as const) }),
  fc.record({
    kind: fc.constant('work' as const),
    outcome: fc.constantFrom('charged' as const, 'declined' as const, 'pending' as const),
    lost: fc.boolean(),
  }),
);

/** The payment service and its provider, with lost replies, old webhooks and repeated commands. */
function run(actions: readonly Action[]) {
  const provider = new Provider();
  let payment: Payment | undefined;
  const ledger: PaymentMovement[] = [];
  const webhooks: ProviderState[] = [];
  const answers = new Map<string, string>();

  const settle = (told: ProviderState) => {
    if (!payment) return;
    const settled = settlePayment(payment, told, NOW);
    payment = settled.payment;
    ledger.push(...settled.movements);
  };
  const work = (outcome: 'charged' | 'declined' | 'pending', lost: boolean) => {
    if (!payment) return;
    const step = stepOf(payment, true);
    if (!step) return;
    const told = step === 'refund' ? provider.refund() : provider.charge(outcome);
    webhooks.push(told);
    if (!lost) settle(told);
  };
  const remember = () => {
    const answer = payment && answerTo('charge', payment);
    if (answer) answers.set(answer.outcome, JSON.stringify([answer.outcome, answer.reason, answer.decided_at]));
  };

  for (const one of actions) {
    if (one.kind === 'charge') payment = decidePayment(charge, payment, NOW);
    if (one.kind === 'refund') payment = decidePayment(refund, payment, NOW);
    if (one.kind === 'decide') provider.decide();
    if (one.kind === 'webhook') for (const told of webhooks) settle(told);
    if (one.kind === 'work') work(one.outcome, one.lost);
    remember();
  }
  // Once faults end: the provider decides, and the worker asks until nothing is open.
  provider.decide();
  for (let n = 0; n < 4; n++) work('charged', false);
  remember();
  return { payment, provider, ledger, answers };
}

describe('a payment', () => {
  it('agrees with its provider in the end, whatever was lost, late, repeated or out of order (I14, I16, I18)', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 14 }), (actions) => {
        const { payment, provider, ledger, answers } = run(actions);
        const sum = (type: string) => ledger.filter(({ transaction_type }) => transaction_type === type).length;
        expect([sum('charge'), sum('refund')]).toEqual([provider.taken, provider.given]);
        expect(provider.taken).toBeLessThanOrEqual(1);
        expect(payment?.waits_for ?? null).toBeNull();
        // The first decision stands.
        expect(answers.size).toBeLessThanOrEqual(1);
        const isKept = payment?.outcome === 'applied' && payment.refunded_at === null;
        expect(provider.taken - provider.given).toBe(isKept ? 1 : 0);
        expect(payment?.token ?? null).toBeNull();
        const asksUndone = actions.some(({ kind }) => kind === 'refund');
        if (asksUndone) expect(provider.taken - provider.given).toBe(0);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes no harm from a word that changed nothing once: it changes nothing later either', () => {
    const words: ProviderState[] = [
      { status: 'charged', ...MONEY },
      { status: 'declined', reason: 'CARD_DECLINED' },
      { status: 'refunded', ...MONEY },
      { status: 'voided' },
      { status: 'pending' },
    ];
    const stateOf = (payment: Payment) => JSON.stringify(payment);
    const isUnchanged = (payment: Payment, told: ProviderState) =>
      settlePayment(payment, told, NOW).payment === payment;
    const found = new Map<string, Payment>();
    const waiting = [charge, refund].map((command) => decidePayment(command, undefined, NOW));
    for (let payment = waiting.pop(); payment; payment = waiting.pop()) {
      if (found.has(stateOf(payment))) continue;
      found.set(stateOf(payment), payment);
      const next = [
        ...[charge, refund].map((command) => decidePayment(command, payment, NOW)),
        ...words.map((told) => settlePayment(payment, told, NOW).payment),
      ];
      for (const told of words.filter((word) => isUnchanged(payment, word))) {
        expect(next.filter((later) => !isUnchanged(later, told))).toEqual([]);
      }
      waiting.push(...next);
    }
    // Every state that a payment can reach, whatever the provider says.
    expect(found.size).toBeGreaterThan(10);
  });

  it('is looked up before a charge is sent again', () => {
    const open = decidePayment(charge, undefined, NOW);
    expect([stepOf(open, false), stepOf(open, true)]).toEqual(['charge', 'find']);
  });

  it('of another amount under the same order is the first one', () => {
    const open = decidePayment(charge, undefined, NOW);
    expect(decidePayment({ ...charge, amount_cents: 1 }, open, NOW)).toBe(open);
  });

  it('books the amount that the provider took, though it was asked for another', () => {
    const open = decidePayment(charge, undefined, NOW);
    const { movements } = settlePayment(open, { status: 'charged', amount_cents: 7, currency: 'EUR' }, NOW);
    expect(movements).toEqual([{ transaction_type: 'charge', order_id: ORDER, amount_change: 7, currency: 'EUR' }]);
  });

  it.each([
    ['charge', { status: 'pending' }],
    ['charge', { status: 'unknown' }],
    ['refund', { status: 'pending' }],
  ] as const)('has no answer to a %s while the provider says %o', (op, told) => {
    const open = decidePayment(charge, undefined, NOW);
    const asked = op === 'refund' ? decidePayment(refund, open, NOW) : open;
    expect(answerTo(op, settlePayment(asked, told, NOW).payment)).toBeUndefined();
  });
});

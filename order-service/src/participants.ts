import type { Command, Decision, PaymentCommand, PaymentDecision } from '@valerix/contracts';
import { REFUSAL_REASONS, totalOf } from '@valerix/contracts';
import type { Metrics } from './metrics.ts';
import type { NoDecision, Order, Outcome, ParticipantName, Prices, RefusalReason, UndoOutcome } from './order.ts';
import { type Call, type CallOutcome, type ParticipantClient, serviceOf } from './participant-client.ts';
import type { AnyDecision } from './participant-transport.ts';
import { isPaid, type Step, stepsOf, undoStepsOf } from './saga.ts';

export interface ParticipantsOptions {
  inventory: ParticipantClient;
  /** Undefined where no payments are offered. */
  payment?: ParticipantClient | undefined;
  metrics: Metrics;
}

type Fields<C> = C extends unknown ? Omit<C, 'attempt' | 'deadline_ms' | 'request_id' | 'traceparent'> : never;
type AnyFields = Fields<Command | PaymentCommand>;

export type Participants = ReturnType<typeof createParticipants>;

/**
 * The participants of an order behind one interface. All keep the same promise: the first decision about an order stands, and
 * undoing what was never done leaves a tombstone. So no progress is stored: every call asks from the first step on (ADR 31).
 */
export function createParticipants({ inventory, payment, metrics }: ParticipantsOptions) {
  const clients = [inventory, ...(payment ? [payment] : [])];
  const clientOf = (name: ParticipantName) => (name === 'inventory' ? inventory : payment);

  async function ask(participant: ParticipantName, command: AnyFields | undefined, call: Call): Promise<CallOutcome> {
    const client = clientOf(participant);
    if (!client || !command) return { kind: 'not-sent', participant, cause: client ? 'no-price' : 'not-offered' };
    return client.ask(command, call);
  }

  async function carryOutStep(step: Step, order: Order, prices: Prices | undefined, call: Call): Promise<Outcome> {
    const { participant, op } = step;
    const answer = await ask(participant, commandOf(op, order, prices), call);
    const outcome = outcomeOf(step, order, answer);
    const service = serviceOf(participant);
    metrics.participantCalls.inc({ service, outcome: outcome.kind });
    // The commit of a reservation decides nothing about the order.
    if (outcome.kind === 'applied' && answer.kind === 'decided' && step.undo) {
      const attempt = call.round > 0 ? 'worker' : answer.attempt === 1 ? 'first' : 'retry';
      metrics.applied.inc({ service, attempt });
    }
    return outcome;
  }

  /** While payments are away, a worker would ask the inventory service for nothing. */
  const away = (order: Order, { round }: Call): NoDecision | undefined =>
    isPaid(order) && round > 0 && payment?.workerAllowance() === 0
      ? { kind: 'not-sent', participant: 'payment', cause: 'breaker-open' }
      : undefined;

  return {
    /** Asks for every step, up to the first that is not applied. Repeating it changes nothing. */
    async carryOut(order: Order, call: Call): Promise<Outcome> {
      let prices: Prices | undefined;
      for (const step of stepsOf(order)) {
        const outcome = away(order, call) ?? (await carryOutStep(step, order, prices, call));
        if ('prices' in outcome) prices ??= outcome.prices;
        if (outcome.kind !== 'applied') return { ...outcome, prices };
      }
      return { kind: 'applied', prices };
    },

    /** Undoes every step, the last one first, or makes sure that it is never done. Repeating it changes nothing. */
    async undo(order: Order, call: Call): Promise<UndoOutcome> {
      for (const { participant, undo } of undoStepsOf(order)) {
        const outcome = undoOutcomeOf(
          participant,
          await ask(participant, { op: undo, order_id: order.order_id }, call),
        );
        metrics.participantCalls.inc({ service: serviceOf(participant), outcome: outcome.kind });
        if (outcome.kind !== 'undone') return outcome;
      }
      return { kind: 'undone' };
    },

    offersPayments: payment !== undefined,

    /** How many orders the worker may send now. Every order needs the inventory service. */
    workerAllowance: (): number => inventory.workerAllowance(),

    /** True when the participant decided an order within the last `ms` milliseconds. */
    decidedWithin: (ms: number, name: ParticipantName = 'inventory'): boolean =>
      clientOf(name)?.decidedWithin(ms) ?? false,

    /** Calls back when a participant can be asked again. */
    onRecovery(listener: () => void): void {
      for (const client of clients) client.onRecovery(listener);
    },

    async close(): Promise<void> {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** @returns undefined for a charge of an order whose price or token is not known */
function commandOf(op: Step['op'], order: Order, prices: Prices | undefined): AnyFields | undefined {
  const { order_id, expected_total_cents: expected, payment_token: token } = order;
  if (op === 'commit') return { op, order_id };
  if (op === 'charge') {
    const amount_cents = prices ? totalOf(prices.items) : null;
    if (!prices || amount_cents === null || token === null) return undefined;
    return { op, order_id, amount_cents, currency: prices.currency, token };
  }
  const items = order.items.map(({ item_id, quantity }) => ({ item_id, quantity }));
  return { op, order_id, items, ...(expected !== null && { expected_total_cents: expected }) };
}

type Fact = Partial<Pick<Decision, 'items' | 'prices' | 'released_at'> & Pick<PaymentDecision, 'refunded_at'>>;

/** True if what was decided has been undone. */
const isUndone = ({ released_at, refunded_at }: Fact): boolean => Boolean(released_at ?? refunded_at);

function outcomeOf({ participant, op }: Step, order: Order, answer: CallOutcome): Outcome {
  if (answer.kind !== 'decided') return answer;
  const decision: AnyDecision & Fact = answer.decision;
  const prices = participant === 'inventory' ? pricesOf(order, decision) : undefined;
  if (decision.outcome === 'applied' && !isUndone(decision)) return { kind: 'applied', prices };
  const isFirst = op === 'deduct' || op === 'reserve';
  return { kind: 'refused', participant, reason: reasonOf(participant, decision), isFirst, prices };
}

/** The prices of the warehouse's decision; undefined if it has none, as one of an older version. The lines stay the order's. */
function pricesOf({ items }: Order, { items: decided = [], prices }: Fact): Prices | undefined {
  if (!prices) return undefined;
  const price = new Map(decided.map(({ item_id }, n) => [item_id, prices.unit_price_cents[n] ?? null]));
  const priced = items.map(({ item_id, quantity }) => {
    return { item_id, quantity, unit_price_cents: price.get(item_id) ?? null };
  });
  return { items: priced, currency: prices.currency };
}

/** In our words: a newer participant may know more reasons. */
function reasonOf(participant: ParticipantName, { outcome, reason }: AnyDecision): RefusalReason {
  const known = REFUSAL_REASONS.find((one) => one === reason);
  if (outcome !== 'refused') return 'ORDER_VOIDED';
  return known ?? (participant === 'payment' ? 'PAYMENT_DECLINED' : 'ORDER_VOIDED');
}

function undoOutcomeOf(participant: ParticipantName, answer: CallOutcome): UndoOutcome {
  if (answer.kind !== 'decided') return answer;
  const decision: AnyDecision & Fact = answer.decision;
  if (decision.outcome !== 'applied' || isUndone(decision)) return { kind: 'undone' };
  return { kind: 'unknown', participant, cause: 'not-undone' };
}

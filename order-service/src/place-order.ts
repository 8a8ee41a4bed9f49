import type { PlacedBy } from '@valerix/contracts';
import { v7 as uuidv7 } from 'uuid';
import { answerOf, type StoredAnswer, type StoredOrder } from './answers.ts';
import { problem } from './errors.ts';
import type { FallbackQueue } from './fallback-queue.ts';
import { fingerprintOf, type Meaning, type Replay, type ReplayCache } from './idempotency.ts';
import type { Metrics } from './metrics.ts';
import { movedTo, type Order, type OrderLine, STATUS, statusAfter } from './order.ts';
import type { OrderStore } from './order-store.ts';
import type { Participants } from './participants.ts';

export interface PlaceOrderDeps {
  orders: Pick<OrderStore, 'create' | 'answer' | 'findByKey'>;
  participants: Pick<Participants, 'carryOut' | 'offersPayments'>;
  /** True if every order must be paid. */
  paymentRequired: boolean;
  /** After so long, a paid order that is still open is undone, milliseconds. */
  paymentWindowMs: number;
  replays: ReplayCache;
  queue: Pick<FallbackQueue, 'push'>;
  metrics: Metrics;
  /** The time by the database's clock. */
  now: () => Date;
}

export interface PlaceOrderRequest extends Meaning {
  /** As it is stored. */
  key: string;
  placedBy: PlacedBy;
  items: OrderLine[];
  requestId: string;
  traceparent: string;
}

export interface Placed extends StoredAnswer {
  replayed: boolean;
}

/** The life of an order, from the request to its one answer. ARCHITECTURE.md says why a crash at each step is safe. */
export function createPlaceOrder(deps: PlaceOrderDeps) {
  const { orders, participants, replays, queue, metrics, now } = deps;
  return async function placeOrder(request: PlaceOrderRequest): Promise<Placed> {
    const started = performance.now();
    const { key, requestId, traceparent } = request;
    const fingerprint = fingerprintOf(request);

    // Redis is only a shortcut: after a miss, PostgreSQL decides below.
    const replay = await replays.find(key, fingerprint);
    if (replay) return replayOf(replay, metrics);

    // A key that is known keeps its answer, whatever the installation takes by now (I10).
    const refusal = refusalOf(request, deps);

    // T0. From now on the order exists, and the sweep takes it over if this process dies (I7, I8).
    const order = newOrder(request, fingerprint, deps.paymentWindowMs, now());
    const created = !refusal && (await orders.create(order));
    if (!created) {
      const stored = await orders.findByKey(key);
      if (refusal && !stored) throw refusal;
      const known = answerOfKnown(stored, fingerprint, metrics);
      replays.remember(key, known);
      return replayOf(known, metrics);
    }

    // The only calls: for the stock, and for the money of a paid order. No transaction is open. A lost answer leaves the outcome unknown.
    const outcome = await participants.carryOut(order, { round: 0, requestId, traceparent });

    // T1. One compare-and-set writes the status and the answer. A second writer gets the first writer's answer (I10).
    const answered = movedTo(order, { ...statusAfter(outcome), ...outcome.prices }, now());
    const answer = await orders.answer({
      order: answered,
      from: 'pending',
      answer: answerOf(answered),
      causationId: requestId,
      outcome,
    });

    metrics.answered(answered, started);

    // Best effort from here: PostgreSQL already holds everything.
    replays.remember(key, { ...answer, fingerprint });
    if (STATUS[answered.status].waiting) queue.push(order.order_id);
    return { ...answer, replayed: false };
  };
}

/** Why a new order like this one is not taken; undefined if it is. */
function refusalOf({ paymentToken }: Meaning, { participants, paymentRequired }: PlaceOrderDeps) {
  if (paymentToken !== undefined && !participants.offersPayments) {
    return problem('PAYMENTS_NOT_OFFERED', 'This installation takes orders on account only.');
  }
  if (paymentToken !== undefined || !paymentRequired) return undefined;
  return problem('PAYMENT_REQUIRED', 'Every order must be paid.');
}

function newOrder(request: PlaceOrderRequest, fingerprint: string, paymentWindowMs: number, now: Date): Order {
  const { key, placedBy, items, requestId, expectedTotalCents = null, paymentToken = null } = request;
  return {
    // Lists are in the order of the ids.
    order_id: uuidv7({ msecs: now.getTime() }),
    idempotency_key: key,
    placed_by: placedBy,
    fingerprint,
    status: 'pending',
    reason: null,
    items,
    currency: null,
    expected_total_cents: expectedTotalCents,
    payment_token: paymentToken,
    payment_deadline: paymentToken === null ? null : new Date(now.getTime() + paymentWindowMs),
    attempts: 0,
    next_attempt_at: null,
    dead_lettered_at: null,
    correlation_id: requestId,
    created_at: now,
    updated_at: now,
  };
}

/** The answer of the order that holds the key. @throws IDEMPOTENCY_KEY_REUSED; IDEMPOTENCY_KEY_IN_FLIGHT before it has an answer */
function answerOfKnown(known: StoredOrder | undefined, fingerprint: string, metrics: Metrics): Replay {
  if (known) requireSameMeaning(known.fingerprint, fingerprint, metrics);
  if (known?.answer) return { ...known.answer, fingerprint };
  metrics.idempotency.inc({ result: 'in_flight' });
  throw problem('IDEMPOTENCY_KEY_IN_FLIGHT', 'The first request with this key has not been answered yet.', {
    headers: { 'Retry-After': '1' },
  });
}

function replayOf(replay: StoredAnswer, metrics: Metrics): Placed {
  metrics.idempotency.inc({ result: 'replayed' });
  return { order_id: replay.order_id, status: replay.status, body: replay.body, replayed: true };
}

// I10
function requireSameMeaning(known: string, given: string, metrics: Metrics): void {
  if (known === given) return;
  metrics.idempotency.inc({ result: 'mismatch' });
  throw problem(
    'IDEMPOTENCY_KEY_REUSED',
    'This key was used for an order with other items, quantities, total or payment.',
  );
}

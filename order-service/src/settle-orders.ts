import { isSettled } from '@valerix/contracts';
import { fullJitterMs, pause } from '@valerix/service-kit/backoff';
import type { Logger } from '@valerix/service-kit/logger';
import { OverlappingBatches } from '@valerix/service-kit/overlapping-batches';
import { answerOf } from './answers.ts';
import type { Metrics } from './metrics.ts';
import { isOverdue, movedTo, type NoDecision, STATUS, statusAfter, statusWhenUndone, type Work } from './order.ts';
import type { ClaimedOrder, Postponement } from './order-queue-store.ts';
import type { Move, OrderStore } from './order-store.ts';
import { PENDING } from './participant-client.ts';
import type { Participants } from './participants.ts';

export interface SettlerOptions {
  orders: Pick<OrderStore, 'claim' | 'claimAbandoned' | 'releaseDead' | 'move' | 'postpone'>;
  participants: Pick<Participants, 'carryOut' | 'undo' | 'workerAllowance' | 'decidedWithin' | 'onRecovery'>;
  metrics: Metrics;
  logger: Logger;
  /** The time by the database's clock. */
  now: () => Date;
  sweepIntervalMs: number;
  /** Counted attempts after which an order becomes a dead letter; an attempt counts if another order was decided meanwhile. */
  maxAttempts: number;
  /** First and longest wait between attempts, milliseconds; full jitter in between. */
  backoffMs: number;
  backoffCapMs: number;
}

/** An order that was not settled, because this participant did not decide. */
type Late = Postponement & Pick<NoDecision, 'participant'>;

/** The cause that an event names. */
const causeOf = (order: ClaimedOrder) => `worker-attempt-${order.attempts}`;

/** The longest wait for a payment that cannot be asked for or is not known yet, milliseconds. */
const LONGEST_UNCOUNTED_MS = 5_000;
/** The most orders claimed at once. */
const CLAIM_LIMIT = 256;

/**
 * The worker. It settles what a request could not finish: orders queued because a participant did not answer, orders whose request
 * died (pending, past their lease), open cancellations, and what refused or overdue orders must give back. Any replica can repeat every
 * step at any time: the claim is a lease, each participant answers from its decision, and a compare-and-set writes the result.
 */
export function createSettler(options: SettlerOptions) {
  const { orders, participants, metrics, logger, now } = options;
  const stopped = new AbortController();
  let wake: () => void = () => {};
  let running: Promise<void> | undefined;
  // Orders to claim at once. One while the inventory service answers none: its outage is probed, not hammered. Doubled with each
  // other batch: within a few batches the queue drains at full speed.
  let window = CLAIM_LIMIT;
  // Batches in a row without an answer. It is added to the attempt's number, which must differ from the last one.
  let unanswered = 0;

  const batches = new OverlappingBatches(2 * CLAIM_LIMIT);

  /** Claims and settles up to one batch. @returns how many orders were settled when the next batch may begin */
  function settleBatch(ids?: string[]): Promise<number> {
    let since = 0;
    return batches.begin({
      async claim() {
        if (stopped.signal.aborted) return [];
        const claimed = await claim(ids);
        if (claimed.length > 0) metrics.claimed.observe(claimed.length);
        since = performance.now();
        return claimed;
      },
      work: (order) => settleOne(order, since),
      isDone: (late) => late === undefined,
      finish,
    });
  }

  /** Puts back the orders of a batch that were not settled, and learns from the batch how many to claim at once. */
  async function finish(results: PromiseSettledResult<Late | undefined>[]): Promise<void> {
    const late = results.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    const settled = results.length - late.length - errors.length;
    await orders.postpone(late).catch((error) => errors.push(error));
    // The sweep claims such orders again when their leases end.
    if (errors.length > 0) logger.warn({ err: errors[0], errors: errors.length }, 'orders could not be settled');
    const answering = settled > 0 || participants.decidedWithin(options.sweepIntervalMs);
    // An order that payments keep waiting says nothing of the inventory service, and must not keep orders on account waiting.
    const atPayments = late.some(({ participant }) => participant !== 'inventory');
    window = answering || atPayments ? Math.min(CLAIM_LIMIT, window * 2) : 1;
    unanswered = answering ? 0 : unanswered + 1;
  }

  async function claim(ids?: string[]): Promise<ClaimedOrder[]> {
    const allowance = Math.min(window, participants.workerAllowance());
    if (allowance > 1) return orders.claim(allowance, ids);
    // The client of a dead request waits for its answer, so its order is queued even while the inventory service cannot be asked.
    const abandoned = await orders.claimAbandoned(CLAIM_LIMIT);
    return abandoned.length > 0 || allowance === 0 ? abandoned : orders.claim(allowance, ids);
  }

  /** @returns undefined when the order is settled. Async, so that a status that this version does not know fails this order alone. */
  async function settleOne(order: ClaimedOrder, claimedAt: number): Promise<Late | undefined> {
    const { work } = STATUS[order.status];
    if (work === null) throw new Error(`I9: order ${order.order_id} is ${order.status}, and still due`);
    return steps[work](order, claimedAt);
  }

  const callOf = (order: ClaimedOrder) => ({ round: order.attempts + unanswered, requestId: order.correlation_id });

  const steps: Record<Work, (order: ClaimedOrder, claimedAt: number) => Promise<Late | undefined>> = {
    async 'carry-out'(order, claimedAt) {
      const causationId = causeOf(order);
      // The next batch undoes it, the payment first: a late charge then meets a tombstone, and no stock that is paid for is given away.
      if (isOverdue(order, now())) {
        const overdue = movedTo(order, { status: 'compensating', reason: 'PAYMENT_TIMEOUT' } as const, now());
        await move({ order: overdue, from: order.status, answer: order.answer ?? answerOf(overdue), causationId });
        return undefined;
      }
      const outcome = await participants.carryOut(order, callOf(order));
      const moved = movedTo(order, { ...statusAfter(outcome), ...outcome.prices }, now());
      // An order whose request died has no answer yet; its client may still retry to get one (I10).
      const answer = order.answer ?? answerOf(moved);
      if (moved.status !== order.status) await move({ order: moved, from: order.status, answer, causationId, outcome });
      return 'cause' in outcome ? postponementOf(moved, outcome, claimedAt) : undefined;
    },

    async undo(order, claimedAt) {
      const outcome = await participants.undo(order, callOf(order));
      if (outcome.kind !== 'undone') return postponementOf(order, outcome, claimedAt);
      const undone = movedTo(order, { status: statusWhenUndone(order.status) }, now());
      await move({ order: undone, from: order.status, answer: order.answer, causationId: causeOf(order) });
      return undefined;
    },
  };

  async function move(change: Move): Promise<void> {
    if ((await orders.move(change)) && isSettled(change.order.status)) metrics.settled(change.order);
  }

  /**
   * An attempt counts only if the participant decided another order since this one was last tried. A service that answers no order at
   * all is an outage, and one that is still at work on this order says so: no reason to give up an order, however long it lasts.
   */
  function postponementOf(order: ClaimedOrder, outcome: NoDecision, claimedAt: number): Late {
    const sinceLastTried = order.idleMs + performance.now() - claimedAt;
    const { kind, cause, participant } = outcome;
    const counts = kind === 'unknown' && cause !== PENDING && participants.decidedWithin(sinceLastTried, participant);
    // A paid order is given up by its deadline instead.
    const endsByItself = STATUS[order.status].work === 'carry-out' && order.payment_deadline !== null;
    const deadLetter = counts && order.attempts >= options.maxAttempts && !endsByItself;
    if (deadLetter)
      logger.error({ order_id: order.order_id, attempts: order.attempts }, 'order put away as a dead letter');
    // In an outage of the inventory service the window spaces the attempts; a short wait here lets the order continue as soon as the
    // outage ends. Beside an outage of payments other orders go on, so the wait grows with the order's age.
    const agedMs = Math.min((now().getTime() - order.created_at.getTime()) / 8, LONGEST_UNCOUNTED_MS);
    const firstMs = Math.max(options.backoffMs, counts || participant === 'inventory' ? 0 : agedMs);
    return {
      orderId: order.order_id,
      participant,
      from: order.status,
      attempts: order.attempts,
      delayMs: fullJitterMs(counts ? order.attempts : 1, firstMs, options.backoffCapMs),
      countsAsAttempt: counts,
      deadLetter,
      causationId: causeOf(order),
      cause,
    };
  }

  /** Settles batch after batch until a batch settles no order. */
  async function sweep(): Promise<void> {
    await orders.releaseDead();
    while (!stopped.signal.aborted && (await settleBatch()) > 0);
  }

  async function loop(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await sweep();
      } catch (error) {
        logger.warn({ err: error }, 'the sweep failed; it will be tried again');
      }
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      // Jitter, so that replicas do not sweep in step.
      await Promise.race([woken, pause(options.sweepIntervalMs * (0.75 + Math.random() / 2), stopped.signal)]);
    }
  }

  return {
    start(): void {
      participants.onRecovery(() => wake());
      running ??= loop();
    },

    /** Begins to settle these orders, if they are due; resolves when the next may come. The sweep takes the others. */
    async settle(orderIds: string[]): Promise<void> {
      await settleBatch(orderIds);
    },

    /** Starts no further batch, and waits for those that run. */
    async stop(): Promise<void> {
      stopped.abort();
      await running;
      await batches.finished();
    },
  };
}

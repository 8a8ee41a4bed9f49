import type { Decision } from '@valerix/contracts';
import { fullJitterMs, pause } from '@valerix/service-kit/backoff';
import { deadlineIn } from '@valerix/service-kit/deadline';
import { RetryBudget } from '@valerix/service-kit/retry-budget';
import CircuitBreaker from 'opossum';
import { InventoryFailure, type InventoryTransport, type Unsent } from './inventory-transport.ts';
import type { Metrics } from './metrics.ts';
import type { DeductOutcome, OrderLine, RefusalReason } from './order.ts';

export interface InventoryClientOptions {
  transport: InventoryTransport;
  metrics: Metrics;
  /** How long one order may wait here, retries included, milliseconds. */
  deadlineMs: number;
  /** How long one attempt may take, milliseconds. */
  attemptTimeoutMs: number;
  maxAttempts: number;
  /** Orders that may wait for the inventory service at once (I13). */
  bulkhead: number;
  breaker: { windowMs: number; errorPercentage: number; minCalls: number; resetMs: number };
}

export type ReleaseOutcome = { kind: 'released' } | Exclude<DeductOutcome, { kind: 'applied' | 'refused' }>;
type CallOutcome =
  | { kind: 'decided'; decision: Decision; attempt: number }
  | Exclude<DeductOutcome, { kind: 'applied' | 'refused' }>;

interface Call {
  orderId: string;
  /** 0 for the request that placed the order, otherwise the number of the worker's attempt. */
  round: number;
  requestId: string;
  /** W3C trace context, if a request caused the call. */
  traceparent?: string;
}

export type InventoryClient = ReturnType<typeof createInventoryClient>;

/** With less time left than this, a retry is not worth sending, milliseconds. */
const MIN_ATTEMPT_MS = 30;
/** An inventory service that decided no order for so long is taken to be away, milliseconds. */
const SILENCE_MS = 1_000;

/**
 * One retry for every ten calls, and beside them 100 a second, 2 % of what one inventory service decides. Where 44 % of attempts
 * fail, 100 orders a second need 76 retries a second to confirm 98 % at once; the ratio alone would confirm 62 %. With more orders
 * than that a failing service is spared: an order that gets no retry is queued. The bucket holds two seconds of the floor, since
 * within two seconds the breaker has judged the service.
 */
const RETRY_BUDGET = { ratio: 0.1, minPerSecond: 100, capacity: 200 };

/**
 * Calls the inventory service: bulkhead → retries within the deadline and the budget → breaker → transport.
 * A decision comes back as a value; only a missing answer is a failure, so "out of stock" never opens the breaker. There is no
 * breaker fallback: the caller decides what a missing answer means.
 */
export function createInventoryClient(options: InventoryClientOptions) {
  const { transport, metrics } = options;
  const breaker = createBreaker(options);
  const budget = new RetryBudget(RETRY_BUDGET);
  let inFlight = 0;
  let decidedAt = Number.NEGATIVE_INFINITY;
  metrics.watchBulkhead(() => inFlight, options.bulkhead);
  const decidedWithin = (ms: number): boolean => performance.now() - decidedAt <= ms;

  async function call(command: Unsent, round: number): Promise<CallOutcome> {
    if (inFlight >= options.bulkhead) return { kind: 'not-sent', cause: 'bulkhead-full' };
    inFlight++;
    try {
      return await attempts(command, round);
    } finally {
      inFlight--;
    }
  }

  async function attempts(command: Unsent, round: number): Promise<CallOutcome> {
    const deadline = deadlineIn(options.deadlineMs);
    budget.call();
    let failure: InventoryFailure | undefined;
    // Never reset: once an attempt may have arrived, the outcome stays unknown, even if later attempts are not sent.
    let sent = false;
    const unanswered = (cause: string): CallOutcome => ({ kind: sent ? 'unknown' : 'not-sent', cause });
    for (let attempt = 1; ; attempt++) {
      try {
        const timeoutMs = Math.min(options.attemptTimeoutMs, deadline.remainingMs());
        const decision = await breaker.fire({ ...command, attempt: round * 10 + attempt }, timeoutMs);
        decidedAt = performance.now();
        return { kind: 'decided', decision, attempt };
      } catch (error) {
        if (CircuitBreaker.isOurError(error as Error)) return unanswered(failure?.kind ?? 'breaker-open');
        if (!(error instanceof InventoryFailure)) throw error;
        failure = error;
        sent ||= error.sent;
      }
      const waitMs = fullJitterMs(attempt, 20, 200);
      const noTime = deadline.remainingMs() - waitMs < MIN_ATTEMPT_MS;
      // The worker asks again by itself. While no order is decided, its single order is a probe, and retries would hammer.
      const probe = round > 0 && !decidedWithin(SILENCE_MS);
      if (noTime || probe || attempt >= options.maxAttempts || !budget.takeRetry()) return unanswered(failure.kind);
      metrics.inventoryRetries.inc({ attempt: String(attempt + 1) });
      await pause(waitMs);
    }
  }

  function counted<O extends DeductOutcome | ReleaseOutcome>(outcome: O): O {
    metrics.inventoryCalls.inc({ outcome: outcome.kind });
    return outcome;
  }

  return {
    /** Takes the stock of an order. Repeating it takes the stock only once. */
    async deduct({ items, ...about }: Call & { items: OrderLine[] }): Promise<DeductOutcome> {
      const outcome = await call({ op: 'deduct', items, ...headOf(about) }, about.round);
      if (outcome.kind !== 'decided') return counted(outcome);
      const { outcome: decided, reason } = outcome.decision;
      if (decided === 'applied') {
        metrics.applied.inc({ attempt: about.round > 0 ? 'worker' : outcome.attempt === 1 ? 'first' : 'retry' });
        return counted({ kind: 'applied' });
      }
      return counted({ kind: 'refused', reason: reason ?? ('ORDER_VOIDED' satisfies RefusalReason) });
    },

    /** Gives the stock back, or makes sure that it is never taken. */
    async release(about: Call): Promise<ReleaseOutcome> {
      const outcome = await call({ op: 'release', ...headOf(about) }, about.round);
      return counted(outcome.kind === 'decided' ? { kind: 'released' } : outcome);
    },

    /** How many orders the worker may send now: none while the breaker is open, one while it is half-open. */
    workerAllowance(): number {
      if (breaker.opened) return 0;
      if (breaker.halfOpen) return 1;
      return Math.max(0, options.bulkhead - inFlight);
    },

    /** True when the inventory service decided an order within the last `ms` milliseconds. */
    decidedWithin,

    /** Calls back when the breaker closes, or lets a probe through. */
    onRecovery(listener: () => void): void {
      breaker.on('close', listener);
      breaker.on('halfOpen', listener);
    },

    async close(): Promise<void> {
      breaker.shutdown();
      await transport.close();
    },
  };
}

function headOf({ orderId, requestId, traceparent }: Call) {
  return { order_id: orderId, attempt: 1, request_id: requestId, ...(traceparent && { traceparent }) };
}

function createBreaker({ transport, metrics, breaker: settings }: InventoryClientOptions) {
  // Jitter, so that replicas do not probe in step.
  const resetTimeout = settings.resetMs * (0.75 + Math.random() * 0.5);
  const breaker = new CircuitBreaker((command: Unsent, timeoutMs: number) => transport.send(command, timeoutMs), {
    // The transport ends each attempt itself; opossum's timeout would leave it running.
    timeout: false,
    rollingCountTimeout: settings.windowMs,
    rollingCountBuckets: 10,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    volumeThreshold: settings.minCalls,
    errorThresholdPercentage: settings.errorPercentage,
    resetTimeout,
  });
  const label = { service: 'inventory-service' };
  const state = (name: string, value: number) => () => {
    metrics.breakerState.set(label, value);
    metrics.breakerTransitions.inc({ ...label, to: name });
    metrics.breakerNextAttempt.set(label, name === 'open' ? (Date.now() + resetTimeout) / 1000 : 0);
  };
  metrics.breakerState.set(label, 0);
  breaker.on('close', state('closed', 0));
  breaker.on('open', state('open', 1));
  breaker.on('halfOpen', state('half-open', 2));
  return breaker;
}

import { fullJitterMs, pause } from '@valerix/service-kit/backoff';
import { deadlineIn } from '@valerix/service-kit/deadline';
import { RetryBudget } from '@valerix/service-kit/retry-budget';
import CircuitBreaker from 'opossum';
import type { Metrics } from './metrics.ts';
import type { NoDecision, ParticipantName } from './order.ts';
import { type AnyCommand, type AnyDecision, ParticipantFailure, type Transport } from './participant-transport.ts';

export interface ParticipantClientOptions {
  name: ParticipantName;
  transport: Transport;
  metrics: Metrics;
  /** How long one order may wait here, retries included, milliseconds. */
  deadlineMs: number;
  /** How long one attempt may take, milliseconds. */
  attemptTimeoutMs: number;
  maxAttempts: number;
  /** Orders that may wait for the participant at once (I13). */
  bulkhead: number;
  breaker: { windowMs: number; errorPercentage: number; minCalls: number; resetMs: number };
}

/** What became of a call. */
export type CallOutcome = { kind: 'decided'; decision: AnyDecision; attempt: number } | NoDecision;

/** A command as a caller says it. */
export type Asked = Omit<AnyCommand, 'attempt' | 'request_id' | 'traceparent'>;

export interface Call {
  /** 0 for the request that placed the order, otherwise the number of the worker's attempt. */
  round: number;
  requestId: string;
  /** W3C trace context, if a request caused the call. */
  traceparent?: string;
}

export type ParticipantClient = ReturnType<typeof createParticipantClient>;

/** With less time left than this, a retry is not worth sending, milliseconds. */
const MIN_ATTEMPT_MS = 30;
/** A participant that decided no order for so long is taken to be away, milliseconds. */
const SILENCE_MS = 1_000;

/**
 * One retry for every ten calls, and beside them 100 a second, 2 % of what one inventory service decides. Where 44 % of attempts
 * fail, 100 orders a second need 76 retries a second to confirm 98 % at once; the ratio alone would confirm 62 %. With more orders
 * than that a failing service is spared: an order that gets no retry is queued. The bucket holds two seconds of the floor, since
 * within two seconds the breaker has judged the service.
 */
const RETRY_BUDGET = { ratio: 0.1, minPerSecond: 100, capacity: 200 };

/**
 * Calls one participant: bulkhead → retries within the deadline and the budget → breaker → transport.
 * A decision comes back as a value; only a missing answer is a failure, so "out of stock" never opens the breaker. There is no
 * breaker fallback: the caller decides what a missing answer means.
 */
export function createParticipantClient(options: ParticipantClientOptions) {
  const { name, transport, metrics } = options;
  const service = serviceOf(name);
  const breaker = createBreaker(service, options);
  const budget = new RetryBudget(RETRY_BUDGET);
  let inFlight = 0;
  let decidedAt = Number.NEGATIVE_INFINITY;
  metrics.watchParticipant(service, () => inFlight, options.bulkhead);
  const decidedWithin = (ms: number): boolean => performance.now() - decidedAt <= ms;
  const noDecision = (kind: NoDecision['kind'], cause: string): NoDecision => ({ kind, participant: name, cause });

  async function attempts(command: AnyCommand, round: number): Promise<CallOutcome> {
    const deadline = deadlineIn(options.deadlineMs);
    budget.call();
    let failure: ParticipantFailure | undefined;
    // Never reset: once an attempt may have arrived, the outcome stays unknown, even if later attempts are not sent.
    let sent = false;
    const unanswered = (cause: string) => noDecision(sent ? 'unknown' : 'not-sent', cause);
    for (let attempt = 1; ; attempt++) {
      try {
        const timeoutMs = Math.min(options.attemptTimeoutMs, deadline.remainingMs());
        const decision = await breaker.fire({ ...command, attempt: round * 10 + attempt }, timeoutMs);
        decidedAt = performance.now();
        // The participant lives, and is at work on the order: asking again at once would not hurry it.
        if (!decision) return noDecision('unknown', PENDING);
        return { kind: 'decided', decision, attempt };
      } catch (error) {
        if (CircuitBreaker.isOurError(error as Error)) return unanswered(failure?.kind ?? 'breaker-open');
        if (!(error instanceof ParticipantFailure)) throw error;
        failure = error;
        sent ||= error.sent;
      }
      const waitMs = fullJitterMs(attempt, 20, 200);
      const noTime = deadline.remainingMs() - waitMs < MIN_ATTEMPT_MS;
      // The worker asks again by itself. While no order is decided, its single order is a probe, and retries would hammer.
      const probe = round > 0 && !decidedWithin(SILENCE_MS);
      if (noTime || probe || attempt >= options.maxAttempts || !budget.takeRetry()) return unanswered(failure.kind);
      metrics.participantRetries.inc({ service, attempt: String(attempt + 1) });
      await pause(waitMs);
    }
  }

  return {
    /** Asks for a decision. Repeating a command changes nothing. */
    async ask(command: Asked, { round, requestId, traceparent }: Call): Promise<CallOutcome> {
      if (inFlight >= options.bulkhead) return noDecision('not-sent', 'bulkhead-full');
      inFlight++;
      try {
        const travel = { attempt: 1, request_id: requestId, ...(traceparent && { traceparent }) };
        return await attempts({ ...command, ...travel }, round);
      } finally {
        inFlight--;
      }
    },

    /** How many orders the worker may send now: none while the breaker is open, one while it is half-open. */
    workerAllowance(): number {
      if (breaker.opened) return 0;
      if (breaker.halfOpen) return 1;
      return Math.max(0, options.bulkhead - inFlight);
    },

    /** True when the participant decided an order within the last `ms` milliseconds. */
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

/** The name of a participant in metrics. */
export const serviceOf = (name: ParticipantName): string => `${name}-service`;

/** The cause of an outcome that the participant does not know itself yet. */
export const PENDING = 'pending';

function createBreaker(service: string, options: ParticipantClientOptions) {
  const { transport, metrics, breaker: settings } = options;
  // Jitter, so that replicas do not probe in step.
  const resetTimeout = settings.resetMs * (0.75 + Math.random() * 0.5);
  const breaker = new CircuitBreaker((command: AnyCommand, timeoutMs: number) => transport.send(command, timeoutMs), {
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
  const label = { service };
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

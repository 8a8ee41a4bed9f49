import { isSettled, ORDER_STATUSES, REFUSAL_REASONS } from '@valerix/contracts';
import {
  BATCH_BUCKETS,
  counter,
  fromZero,
  gauge,
  histogram,
  type Registry,
  type RequestLabels,
  sampledGauge,
  sampledGauges,
} from '@valerix/service-kit/metrics';
import { type Order, type Outcome, statusesThat, type UndoOutcome } from './order.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** The answers to placing an order; `monitoring/` computes the service levels from them. */
export const ORDER_ANSWERS: RequestLabels[] = ['201', '202', '402', '422', '429', '503'].map((status_code) => {
  return { method: 'POST', route: '/api/orders', status_code };
});

const CALL_OUTCOMES: (Outcome | UndoOutcome)['kind'][] = ['applied', 'refused', 'undone', 'unknown', 'not-sent'];

/** Seconds, coarse: `http_request_duration_seconds` measures the same finely. */
const PROCESSING_BUCKETS = [0.1, 0.5, 1, 5];

/** The metrics of this service, beside those of every service. */
export function createMetrics(registry: Registry) {
  const created = counter(registry, 'orders_created_total', 'Orders answered for the first time, by outcome.', [
    'status',
  ]);
  const processing = histogram(
    registry,
    'order_processing_duration_seconds',
    'Time from the request to the first answer.',
    ['status'],
    PROCESSING_BUCKETS,
  );
  const settled = counter(registry, 'orders_settled_total', 'Orders settled by the worker, by outcome.', ['status']);
  const refused = counter(registry, 'orders_refused_total', 'Orders refused, at once or by the worker, by reason.', [
    'reason',
  ]);
  const applied = counter(
    registry,
    'participant_applied_total',
    "Orders that a participant applied, by the attempt that learned it: a request's first, a request's retry, or the worker's.",
    ['service', 'attempt'],
  );
  const idempotency = counter(registry, 'idempotency_requests_total', 'Requests with a known key, by result.', [
    'result',
  ]);
  const breakerTransitions = counter(registry, 'circuit_breaker_transitions_total', 'Transitions of the breaker.', [
    'service',
    'to',
  ]);
  const participantCalls = counter(registry, 'participant_calls_total', 'Calls to a participant, by outcome.', [
    'service',
    'outcome',
  ]);
  const participantRetries = counter(
    registry,
    'participant_retries_total',
    'Second and later attempts of a call to a participant.',
    ['service', 'attempt'],
  );
  const bulkheads = new Map<string, { inUse: () => number; max: number }>();
  const ofBulkheads = (read: (bulkhead: { inUse: () => number; max: number }) => number) => () =>
    Object.fromEntries([...bulkheads].map(([service, bulkhead]) => [service, read(bulkhead)]));
  sampledGauges(
    registry,
    'participant_bulkhead_in_use',
    'Orders waiting for a participant.',
    'service',
    ofBulkheads(({ inUse }) => inUse()),
  );
  sampledGauges(
    registry,
    'participant_bulkhead_max',
    'The most orders that may wait for a participant.',
    'service',
    ofBulkheads(({ max }) => max),
  );
  fromZero(settled, 'status', ORDER_STATUSES.filter(isSettled));
  fromZero(refused, 'reason', REFUSAL_REASONS);
  fromZero(
    created,
    'status',
    statusesThat(({ answer }) => answer !== null),
  );
  return {
    /** Counts an order's first answer; `started` is a time of `performance.now()`. */
    answered({ status, reason }: Pick<Order, 'status' | 'reason'>, started: number) {
      created.inc({ status });
      if (reason) refused.inc({ reason });
      processing.observe({ status }, (performance.now() - started) / 1000);
    },
    /** Counts an order that the worker settled. */
    settled({ status, reason }: Pick<Order, 'status' | 'reason'>) {
      settled.inc({ status });
      if (reason) refused.inc({ reason });
    },

    idempotencyHits: counter(registry, 'idempotency_cache_hits_total', 'Retries answered from Redis.'),
    idempotency: fromZero(idempotency, 'result', ['replayed', 'in_flight', 'mismatch']),

    breakerState: gauge(registry, 'circuit_breaker_state', '0 closed, 1 open, 2 half-open.', ['service']),
    breakerNextAttempt: gauge(
      registry,
      'circuit_breaker_next_attempt_timestamp_seconds',
      'When the open breaker lets one call through, Unix seconds; 0 unless it is open.',
      ['service'],
    ),
    breakerTransitions,
    participantCalls,
    participantRetries,
    applied,
    /** Shows every series of a participant from the start. */
    watchParticipant(service: string, inUse: () => number, max: number) {
      bulkheads.set(service, { inUse, max });
      for (const to of ['open', 'half-open', 'closed']) breakerTransitions.inc({ service, to }, 0);
      for (const outcome of CALL_OUTCOMES) participantCalls.inc({ service, outcome }, 0);
      for (const attempt of ['2', '3', '4', '5']) participantRetries.inc({ service, attempt }, 0);
      for (const attempt of ['first', 'retry', 'worker']) applied.inc({ service, attempt }, 0);
    },

    watchAdmission(inProgress: () => number, limit: () => number) {
      sampledGauge(registry, 'orders_in_progress', 'Orders between their request and its answer.', inProgress);
      const help = 'The most orders in progress, by the delay measured; more are shed with 429.';
      sampledGauge(registry, 'order_admission_limit', help, limit);
    },

    batchSize: histogram(registry, 'order_batch_size', 'Orders in one transaction.', ['step'], BATCH_BUCKETS),
    claimed: histogram(registry, 'order_sweep_claimed', 'Orders claimed by the worker at once.', [], BATCH_BUCKETS),
    queueDepth: gauge(registry, 'order_queue_depth', 'Orders waiting for the worker; 10000 means 10,000 or more.'),
    unreadableHints: counter(
      registry,
      'order_queue_unreadable_hints_total',
      'Entries of the fallback stream that name no order, acknowledged and ignored.',
    ),
    queueAge: gauge(
      registry,
      'order_queue_oldest_age_seconds',
      'How long the oldest waiting order has waited for the worker.',
    ),
    deadLettered: gauge(
      registry,
      'orders_dead_lettered',
      'Dead letters: orders that the worker gave up on; 10000 means 10,000 or more.',
    ),

    backupDue: gauge(
      registry,
      'valerix_backup_due_timestamp_seconds',
      'When the next backup should be finished, Unix seconds; 0 if none is expected.',
    ),

    integrityViolations: gauge(
      registry,
      'valerix_integrity_violations',
      'Violations that the auditor finds now, by invariant.',
      ['invariant'],
    ),
    watchIntegrityLag(seconds: () => number) {
      const help = "Audit delay: how old the auditor's view is.";
      sampledGauge(registry, 'valerix_integrity_lag_seconds', help, seconds);
    },
  };
}

/** Fills a registry with every metric of this service, for the catalogue in `monitoring/`. */
export function everyMetric(registry: Registry): void {
  const metrics = createMetrics(registry);
  metrics.watchParticipant('inventory-service', () => 0, 1);
  metrics.watchAdmission(
    () => 0,
    () => 1,
  );
  metrics.watchIntegrityLag(() => 0);
}

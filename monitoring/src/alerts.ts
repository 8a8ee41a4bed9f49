import { callersOf, MANDATORY_KEYS, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { anyJob, jobIs, ratio } from './promql.ts';
import { AVERAGE_RESPONSE_TIME } from './recording-rules.ts';
import {
  CHAOS_LEFT_ON,
  CLOCK_SKEW_SECONDS,
  GUESSES_PER_SECOND,
  INTEGRITY_UNKNOWN_SECONDS,
  LIMITED_PER_SECOND,
  NEARLY_FULL,
  ORDER_WAITS_TOO_LONG_SECONDS,
  PAYMENT_STUCK_SECONDS,
  PROVIDER_SILENT,
  QUEUE_BACKLOG_ORDERS,
  QUEUE_STUCK_SECONDS,
  RESPONSE_TIME_RED_SECONDS,
  RETENTION_OVERDUE_SECONDS,
  STOCK_LASTS_SECONDS,
} from './thresholds.ts';

/** The reader of an alert: on call now, the team in working hours, for information only, the class. */
export type Severity = 'page' | 'ticket' | 'info' | 'classroom';

export interface Alert {
  /** Also the heading of its entry in docs/runbook.md. */
  name: string;
  severity: Severity;
  expr: string;
  /** How long it must be true before it fires. Absent: fires at once. */
  for?: string;
  /** How long it keeps firing after it is no longer true, for conditions that flap. */
  keepFiringFor?: string;
  labels?: Record<string, string>;
  /** The problem in one line without numbers. */
  summary: string;
  /** The measurement, with `{{ $value }}` and labels filled in. */
  description: string;
}

const questions = (matcher = '') =>
  `payment_provider_seconds_count{${[jobIs('payment'), matcher].filter(Boolean).join(',')}}`;
/** Replicas read the same stock. */
const stock = `max by (item_id) (inventory_stock_level{${jobIs('inventory')}})`;
const up = `up{${anyJob}}`;
/** The services that clients call, and those behind them, whose slowness clients notice only through the callers. */
const [behind = [], facing = []] = [true, false].map((called) =>
  SERVICE_KEYS.filter((key) => callersOf(key).length > 0 === called),
);

function highLatency(severity: Severity, keys: readonly ServiceKey[]): Alert {
  return {
    name: 'HighLatency',
    severity,
    expr: `${AVERAGE_RESPONSE_TIME}{${jobIs(...keys)}} > ${RESPONSE_TIME_RED_SECONDS}`,
    for: '30s',
    summary: 'Requests to a service are slow',
    description:
      'The average response time of {{ $labels.job }} over 30 s is {{ $value | humanizeDuration }}; red is 1 s.',
  };
}

/** Every alert except those of the SLOs, which `burn-alerts.ts` derives. Replicas read the same gauge from one database: take the maximum, not the sum. */
export const alerts: readonly Alert[] = [
  highLatency('page', facing),
  highLatency('ticket', behind),
  {
    name: 'CircuitBreakerOpen',
    severity: 'ticket',
    // In an outage the breaker is half-open every few seconds, until the next call, and every scrape may see just that state.
    // So count openings too. Require two: one may be the end of a short problem.
    expr: [
      `max by (service) (circuit_breaker_state{${jobIs('order')}} == 1)`,
      `or max by (service) (increase(circuit_breaker_transitions_total{${jobIs('order')},to="open"}[1m])) >= 2`,
    ].join(' '),
    for: '10s',
    keepFiringFor: '15s',
    summary: 'The circuit breaker is open',
    description: 'A replica of the order service has stopped calling {{ $labels.service }}; its orders are queued.',
  },
  {
    name: 'ServiceDown',
    severity: 'page',
    // Only for the whole service: Alertmanager mutes the alerts that follow from this one, and one replica causes few of them.
    expr: [`max by (job) (${up}) == 0`, ...MANDATORY_KEYS.map((key) => `absent(up{${jobIs(key)}})`)].join(' or '),
    for: '15s',
    summary: 'A service does not answer its scrape',
    description: 'No replica of {{ $labels.job }} has answered /metrics for 15 s, or it has no replica.',
  },
  {
    name: 'ReplicaDown',
    severity: 'ticket',
    expr: `${up} == 0 and on (job) max by (job) (${up}) == 1`,
    // Longer than a replica needs to start or to drain.
    for: '1m',
    summary: 'A replica does not answer its scrape',
    description: '{{ $labels.job }} {{ $labels.instance }} has not answered /metrics for a minute; others do.',
  },
  {
    name: 'DatabaseDown',
    severity: 'page',
    // A replica without its database is not ready: Kubernetes sends it no requests, so no burn rate shows the problem.
    expr: 'max by (job) (db_up) == 0',
    for: '15s',
    summary: 'A service has no database',
    description: 'No replica of {{ $labels.job }} has reached its database for 15 s.',
  },
  {
    name: 'QueueBacklog',
    severity: 'ticket',
    expr: `max(order_queue_depth{${jobIs('order')}}) > ${QUEUE_BACKLOG_ORDERS}`,
    for: '1m',
    summary: 'Many orders wait for the worker',
    description: '{{ $value }} orders wait for the worker to settle them; counting stops at 10,000.',
  },
  {
    name: 'QueueStuck',
    severity: 'page',
    expr: `max(order_queue_oldest_age_seconds{${jobIs('order')}}) > ${QUEUE_STUCK_SECONDS}`,
    for: '30s',
    summary: 'Queued orders are not being settled',
    description: 'The oldest order has waited for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'OrderWaitsADay',
    severity: 'page',
    expr: `max(order_queue_oldest_age_seconds{${jobIs('order')}}) > ${ORDER_WAITS_TOO_LONG_SECONDS}`,
    summary: 'An order has waited for more than a day',
    description: 'The oldest order has waited for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'DeadLetters',
    severity: 'ticket',
    expr: `max(orders_dead_lettered{${jobIs('order')}}) > 0`,
    summary: 'The worker gave up on orders',
    description: '{{ $value }} orders wait for an operator to requeue them; counting stops at 10,000.',
  },
  {
    name: 'PasswordGuessing',
    severity: 'ticket',
    expr: `sum(rate(identity_sign_ins_total{${jobIs('identity')},outcome="failed"}[5m])) > ${GUESSES_PER_SECOND}`,
    for: '1m',
    summary: 'Somebody is guessing passwords',
    description: '{{ $value | humanize }} sign-ins a second have failed during the last five minutes.',
  },
  {
    name: 'CallersLimited',
    severity: 'ticket',
    expr: `sum by (job, class) (rate(rate_limited_total[5m])) > ${LIMITED_PER_SECOND}`,
    for: '5m',
    summary: 'Callers keep sending beyond their quota',
    description:
      '{{ $labels.job }} refuses {{ $value | humanize }} requests a second of the class {{ $labels.class }}.',
  },
  {
    name: 'IntegrityViolation',
    severity: 'page',
    expr: 'max by (invariant) (valerix_integrity_violations) > 0',
    // Longer than the auditor needs to withdraw a passing difference. A restart of the only replica removes its series.
    for: '15s',
    keepFiringFor: '2m',
    summary: 'An invariant of the order system is broken',
    description: 'Invariant {{ $labels.invariant }} is violated {{ $value }} times.',
  },
  {
    name: 'IntegrityUnknown',
    severity: 'ticket',
    // All replicas show the verdict of the one that audits: it is enough if one can read it.
    expr: `min(valerix_integrity_lag_seconds{${jobIs('order')}}) > ${INTEGRITY_UNKNOWN_SECONDS}`,
    for: '5m',
    summary: 'It is unknown whether the invariants hold',
    description: 'Orders and stock could not be compared for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'ChargeWithoutStock',
    severity: 'page',
    expr: `max(valerix_integrity_violations{${jobIs('order')},invariant="I15"}) > 0`,
    for: '15s',
    keepFiringFor: '2m',
    summary: 'A customer was charged for stock that is not held',
    description: '{{ $value }} orders are charged without stock, or confirmed and paid without a charge.',
  },
  {
    name: 'PaymentsStuck',
    severity: 'page',
    expr: `max by (waits_for) (payments_open_oldest_age_seconds{${jobIs('payment')}}) > ${PAYMENT_STUCK_SECONDS}`,
    for: '30s',
    summary: 'Payments wait for the provider for too long',
    description: 'The oldest {{ $labels.waits_for }} has waited for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'ProviderDown',
    severity: 'page',
    // The reconciliation asks every second: there is always something to go by.
    expr: `${ratio(`sum(rate(${questions('outcome="no-answer"')}[1m]))`, `sum(rate(${questions()}[1m]))`)} > ${PROVIDER_SILENT}`,
    for: '30s',
    summary: 'The payment provider does not answer',
    description:
      '{{ $value | humanizePercentage }} of the questions of the last minute got no answer. Paid orders are queued.',
  },
  {
    name: 'PaymentsNotReconciled',
    severity: 'ticket',
    // All replicas show the verdict of the one that compares: it is enough if one can read it.
    expr: `min(payment_reconciliation_lag_seconds{${jobIs('payment')}}) > ${INTEGRITY_UNKNOWN_SECONDS}`,
    for: '5m',
    summary: "It is unknown whether the ledger and the provider's books agree",
    description: 'They could not be compared for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'BackupOverdue',
    severity: 'ticket',
    // A failed backup does not move the due time. 0: no backup is promised.
    expr: `time() - max(valerix_backup_due_timestamp_seconds{${jobIs('order')}} > 0) > 0`,
    for: '5m',
    summary: 'The last backup is too old',
    description: 'The next backup should have been finished {{ $value | humanizeDuration }} ago.',
  },
  {
    name: 'RetentionOverdue',
    severity: 'ticket',
    expr: `max by (job) (retention_overdue_seconds) > ${RETENTION_OVERDUE_SECONDS}`,
    for: '15m',
    summary: 'History is kept for longer than it should be',
    description:
      '{{ $labels.job }} should have dropped its oldest period, or begun a new one, {{ $value | humanizeDuration }} ago.',
  },
  {
    name: 'ChaosLeftOn',
    severity: 'info',
    expr: 'max by (job, type) (chaos_enabled) > 0',
    for: CHAOS_LEFT_ON,
    summary: 'A fault is still being injected',
    description: 'Faults of type {{ $labels.type }} have been armed in {{ $labels.job }} for ten minutes.',
  },
  {
    name: 'StockOut',
    severity: 'info',
    expr: `${stock} <= 0`,
    for: '10s',
    summary: 'An item is sold out',
    description: 'There is no {{ $labels.item_id }} left; orders for it are refused.',
  },
  {
    name: 'StockLow',
    severity: 'ticket',
    // By pace, not by a number of units: ten consoles last a minute, ten chairs a month.
    expr: `(${stock} > 0) / -(deriv((${stock})[30m:30s]) < 0) < ${STOCK_LASTS_SECONDS}`,
    // A short burst of orders is not a pace.
    for: '5m',
    summary: 'An item will be sold out soon',
    description:
      'At the pace of the last half hour, {{ $labels.item_id }} will be sold out in {{ $value | humanizeDuration }}.',
  },
  {
    name: 'PoolExhausted',
    severity: 'ticket',
    expr: 'db_pool_waiting > 0 and db_pool_in_use >= db_pool_max',
    for: '15s',
    summary: 'Requests wait for a database connection',
    description:
      '{{ $labels.job }} {{ $labels.instance }}, pool {{ $labels.pool }}: {{ $value }} wait, and every connection is in use.',
  },
  {
    name: 'PoolNearlyFull',
    severity: 'info',
    // Not for the readers' pool: their gate sheds the excess.
    expr: `db_pool_in_use{pool="work"} / db_pool_max > ${NEARLY_FULL}`,
    for: '1m',
    summary: 'The database connections for orders are nearly all in use',
    description: '{{ $labels.job }} {{ $labels.instance }} uses {{ $value | humanizePercentage }} of them.',
  },
  {
    name: 'BulkheadNearlyFull',
    severity: 'info',
    expr: `participant_bulkhead_in_use / participant_bulkhead_max > ${NEARLY_FULL}`,
    for: '30s',
    summary: 'Many orders wait for {{ $labels.service }} at once',
    description:
      '{{ $labels.job }} {{ $labels.instance }}: {{ $value | humanizePercentage }} of the bulkhead of {{ $labels.service }} is taken; beyond it orders are queued.',
  },
  {
    name: 'RedisNotWritable',
    severity: 'ticket',
    expr: 'redis_writable == 0',
    // A failover of Redis takes less.
    for: '1m',
    summary: 'Redis takes no writes',
    description:
      '{{ $labels.job }} {{ $labels.instance }} cannot write to Redis; orders are placed without it, and no fault can be armed.',
  },
  {
    name: 'ClockSkew',
    severity: 'ticket',
    expr: `abs(clock_skew_seconds) > ${CLOCK_SKEW_SECONDS}`,
    // A correction of the clock is one step.
    for: '1m',
    summary: "A process's clock differs from its database's",
    description: '{{ $labels.job }} {{ $labels.instance }} is {{ $value | humanizeDuration }} away from its database.',
  },
];

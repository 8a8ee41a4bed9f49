import { averageResponseTime } from '../recording-rules.ts';
import { INTEGRITY_UNKNOWN_SECONDS, RESPONSE_TIME_AMBER_SECONDS, RESPONSE_TIME_RED_SECONDS } from '../thresholds.ts';
import { alarm, calm, chart, states, tile, warning } from './panels.ts';

/** The colours of a response time: the same on every tile and chart. */
export const responseTimeColors = {
  0: calm,
  [RESPONSE_TIME_AMBER_SECONDS]: warning,
  [RESPONSE_TIME_RED_SECONDS]: alarm,
};

export const breakerStates = {
  words: { 0: 'closed', 1: 'open', 2: 'half-open' },
  colors: { 0: calm, 1: alarm, 2: warning },
};

/** Open where one replica's is: half-open has the higher number, and would hide it. */
export const breakerOf = (max: string): string =>
  `${max} (circuit_breaker_state{job="order-service"} == 1) or ${max} (circuit_breaker_state{job="order-service"})`;

export const breakerTimeline = (width = 12) =>
  states(
    'Circuit breaker',
    { '{{service}}': breakerOf('max by (service)') },
    {
      help: 'Open: the order service does not ask, orders are queued. Half-open: it tries one.',
      ...breakerStates,
      width,
    },
  );

export const upTile = () =>
  tile(
    'Services',
    { '{{job}}': 'min by (job) (up{job=~"order-service|inventory-service"})' },
    {
      help: 'Whether every replica answers its scrape.',
      words: { 0: 'DOWN', 1: 'up' },
      colors: { 0: alarm, 1: calm },
      width: 6,
    },
  );

export const chaosTile = () =>
  tile(
    'Chaos',
    { armed: 'sum(max by (job, type) (chaos_enabled))' },
    { help: 'Faults in force now, of both services.', words: { 0: 'off' }, colors: { 0: calm, 1: warning } },
  );

/** Where nothing is known to be broken but no auditor could look, -1 stands for it. */
const orUnknown = (violations: string): string =>
  `${violations} > 0 or ${violations} - scalar(min(valerix_integrity_lag_seconds{job="order-service"}) > bool ${INTEGRITY_UNKNOWN_SECONDS})`;

const integrityStates = { words: { [-1]: 'unknown', 0: 'holds' }, colors: { [-1]: warning, 0: calm, 1: alarm } };

export const integrityTile = () =>
  tile(
    'Integrity',
    { violations: orUnknown('sum(max by (invariant) (valerix_integrity_violations))') },
    {
      help: 'Violations of the invariants that are audited: I1, I2, I4, I5, I6 and I9. Unknown: nobody could compare for a minute.',
      ...integrityStates,
    },
  );

export const integrityTimeline = () =>
  states(
    'Invariants',
    { '{{invariant}}': orUnknown('max by (invariant) (valerix_integrity_violations)') },
    {
      help: 'Zero violations: neither lost nor doubled. Unknown: nobody could compare for a minute.',
      ...integrityStates,
      width: 24,
      height: 8,
    },
  );

export const ordersByOutcome = (width = 8) =>
  chart(
    'Orders by first answer',
    { '{{status}}': 'sum by (status) (rate(orders_created_total{job="order-service"}[$__rate_interval]))' },
    {
      help: 'Confirmed at once, queued because the warehouse did not answer, or refused.',
      unit: 'ops',
      stacked: true,
      width,
    },
  );

export const queueChart = (width = 8) =>
  chart(
    'Queue depth',
    {
      waiting: 'max(order_queue_depth{job="order-service"})',
      'dead letters': 'max(orders_dead_lettered{job="order-service"})',
    },
    { help: 'Orders that wait for the worker, and those it gave up on.', width },
  );

/** How requests to one service are answered. */
export function requestPanels(job: string) {
  const labels = `{job="${job}"}`;
  const buckets = `sum by (le) (rate(http_request_duration_seconds_bucket${labels}[$__rate_interval]))`;
  return [
    chart(
      'Requests by status',
      {
        '{{status_code}}': `sum by (status_code) (rate(http_request_duration_seconds_count${labels}[$__rate_interval]))`,
      },
      { help: '499: the caller left before the answer.', unit: 'reqps', stacked: true },
    ),
    chart(
      'Response time',
      {
        'average of 30 s': averageResponseTime(job, '30s'),
        median: `histogram_quantile(0.5, ${buckets})`,
        '99th percentile': `histogram_quantile(0.99, ${buckets})`,
      },
      {
        help: 'Amber over 0.5 s, red over 1 s. Probes, scrapes and streams are not counted.',
        unit: 's',
        colors: responseTimeColors,
      },
    ),
    chart(
      'Average response time by route',
      {
        '{{method}} {{route}}': `sum by (method, route) (rate(http_request_duration_seconds_sum${labels}[$__rate_interval])) / (sum by (method, route) (rate(http_request_duration_seconds_count${labels}[$__rate_interval])) > 0)`,
      },
      { help: 'Which route is slow.', unit: 's' },
    ),
  ];
}

/** What the process behind a service is doing. */
export function processPanels(job: string) {
  const labels = `{job="${job}"}`;
  return [
    chart(
      'Event-loop lag',
      {
        '{{instance}} longest': `nodejs_eventloop_lag_max_seconds${labels}`,
        '{{instance}} 99th percentile': `nodejs_eventloop_lag_p99_seconds${labels}`,
      },
      {
        help: 'How late timers ran since the scrape before, the dashboard’s own scrapes included.',
        unit: 's',
        width: 6,
      },
    ),
    chart(
      'Database pool',
      {
        '{{instance}} in use': `db_pool_in_use${labels}`,
        '{{instance}} waiting': `db_pool_waiting${labels}`,
        '{{instance}} most': `db_pool_max${labels}`,
      },
      { help: 'Connections in use, requests that wait for one, and the limit.', width: 6 },
    ),
    chart(
      'CPU',
      { '{{instance}}': `rate(process_cpu_seconds_total${labels}[$__rate_interval])` },
      { help: 'Cores in use. One process has one event loop: near 1 it is full.', unit: 'percentunit', width: 6 },
    ),
    chart(
      'Memory',
      {
        '{{instance}} resident': `process_resident_memory_bytes${labels}`,
        '{{instance}} heap': `nodejs_heap_size_used_bytes${labels}`,
      },
      { help: 'Memory of the process, and of its objects.', unit: 'bytes', width: 6 },
    ),
    states(
      'Database',
      { '{{instance}}': `db_up${labels}` },
      {
        help: 'Whether it answers. Without it the service is not ready.',
        words: { 0: 'away', 1: 'up' },
        colors: { 0: alarm, 1: calm },
        width: 12,
      },
    ),
    states(
      'Redis',
      { '{{instance}}': `redis_up${labels}` },
      {
        help: 'Whether the connection is ready. Without Redis the service is slower, not down.',
        words: { 0: 'away', 1: 'ready' },
        colors: { 0: warning, 1: calm },
        width: 12,
      },
    ),
  ];
}

import { anyJob, jobIs } from '../promql.ts';
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
  `${max} (circuit_breaker_state{${jobIs('order')}} == 1) or ${max} (circuit_breaker_state{${jobIs('order')}})`;

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
    { '{{job}}': `min by (job) (up{${anyJob}})` },
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
    { help: 'Faults in force now, in all services.', words: { 0: 'off' }, colors: { 0: calm, 1: warning } },
  );

/** Where nothing is known to be broken but no auditor could look, -1 stands for it. */
const orUnknown = (violations: string): string =>
  `${violations} > 0 or ${violations} - scalar(min(valerix_integrity_lag_seconds{${jobIs('order')}}) > bool ${INTEGRITY_UNKNOWN_SECONDS})`;

const integrityStates = { words: { [-1]: 'unknown', 0: 'holds' }, colors: { [-1]: warning, 0: calm, 1: alarm } };

export const integrityTile = () =>
  tile(
    'Integrity',
    { violations: orUnknown('sum(max by (invariant) (valerix_integrity_violations))') },
    {
      help: 'Violations of the invariants that are audited: I1, I2, I4, I5, I6 and I9. Unknown: no auditor could compare for a minute.',
      ...integrityStates,
    },
  );

export const integrityTimeline = () =>
  states(
    'Invariants',
    { '{{invariant}}': orUnknown('max by (invariant) (valerix_integrity_violations)') },
    {
      help: 'Zero violations: neither lost nor doubled. Unknown: no auditor could compare for a minute.',
      ...integrityStates,
      width: 24,
      height: 8,
    },
  );

export const ordersByOutcome = (width = 8) =>
  chart(
    'Orders by first answer',
    { '{{status}}': `sum by (status) (rate(orders_created_total{${jobIs('order')}}[$__rate_interval]))` },
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
      waiting: `max(order_queue_depth{${jobIs('order')}})`,
      'dead letters': `max(orders_dead_lettered{${jobIs('order')}})`,
    },
    { help: 'Orders that wait for the worker, and those it gave up on.', width },
  );

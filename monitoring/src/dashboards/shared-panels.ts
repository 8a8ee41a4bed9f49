import { anyJob, jobIs } from '../promql.ts';
import { AVERAGE_RESPONSE_TIME } from '../recording-rules.ts';
import {
  INTEGRITY_UNKNOWN_SECONDS,
  QUEUE_STUCK_SECONDS,
  RESPONSE_TIME_AMBER_SECONDS,
  RESPONSE_TIME_RED_SECONDS,
} from '../thresholds.ts';
import { alarm, bars, calm, chart, type Look, states, tile, warning } from './panels.ts';

export const responseTimeColors = {
  0: calm,
  [RESPONSE_TIME_AMBER_SECONDS]: warning,
  [RESPONSE_TIME_RED_SECONDS]: alarm,
};

export const breakerStates = {
  words: { 0: 'closed', 1: 'open', 2: 'half-open' },
  colors: { 0: calm, 1: alarm, 2: warning },
};

/** Open if any replica's breaker is: half-open has the higher number, so a plain maximum would hide it. */
export const breakerOf = (max: string): string =>
  `${max} (circuit_breaker_state{${jobIs('order')}} == 1) or ${max} (circuit_breaker_state{${jobIs('order')}})`;

export const breakerTimeline = (width = 12) =>
  states(
    'Circuit breaker',
    { '{{service}}': breakerOf('max by (service)') },
    {
      help: 'Open: the order service makes no calls, and orders are queued. Half-open: it tries one call.',
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
    { help: 'Active faults in all services.', words: { 0: 'off' }, colors: { 0: calm, 1: warning } },
  );

/** The violations, or -1 if none is known and no auditor could compare. */
const orUnknown = (violations: string): string =>
  `${violations} > 0 or ${violations} - scalar(min(valerix_integrity_lag_seconds{${jobIs('order')}}) > bool ${INTEGRITY_UNKNOWN_SECONDS})`;

const integrityStates = { words: { [-1]: 'unknown', 0: 'holds' }, colors: { [-1]: warning, 0: calm, 1: alarm } };

export const integrityTile = () =>
  tile(
    'Integrity',
    { violations: orUnknown('sum(max by (invariant) (valerix_integrity_violations))') },
    {
      help: 'Violations of the audited invariants: I1, I2, I4, I5, I6, I9 and I14 to I17. Unknown: no auditor could compare for a minute.',
      ...integrityStates,
    },
  );

export const integrityTimeline = () =>
  states(
    'Invariants',
    { '{{invariant}}': orUnknown('max by (invariant) (valerix_integrity_violations)') },
    {
      help: 'Holds: no order lost, no stock deducted twice, no money kept without its stock (I15: ChargeWithoutStock). Unknown: no auditor could compare for a minute.',
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
      help: 'Confirmed at once, queued because the inventory service did not answer, or refused.',
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
    { help: 'Orders that wait for the worker, and those it gave up on; 10,000 means 10,000 or more.', width },
  );

export const longestWait = () =>
  chart(
    'Longest wait in the queue',
    { age: `max(order_queue_oldest_age_seconds{${jobIs('order')}})` },
    {
      help: 'The age of the oldest queued order; zero when every order is settled. Red when QueueStuck fires.',
      unit: 's',
      colors: { 0: calm, [QUEUE_STUCK_SECONDS]: alarm },
    },
  );

export const settledChart = () =>
  chart(
    'Settled by the worker',
    { '{{status}}': `sum by (status) (rate(orders_settled_total{${jobIs('order')}}[$__rate_interval]))` },
    { help: 'Queued and abandoned orders that the worker settled.', unit: 'ops', stacked: true },
  );

export const responseTimeChart = (width = 8) =>
  chart(
    'Response time, 30 s average',
    { '{{job}}': AVERAGE_RESPONSE_TIME },
    { help: 'Amber over 0.5 s, red over 1 s.', unit: 's', colors: responseTimeColors, width },
  );

export const stockBars = (size: Pick<Look, 'width' | 'height'> = {}) =>
  bars(
    'Stock',
    { '{{item_id}}': `max by (item_id) (inventory_stock_level{${jobIs('inventory')}})` },
    { help: 'Units on hand.', colors: { 0: alarm, 1: warning, 10: calm }, ...size },
  );

import { jobIs } from '../promql.ts';
import { AVERAGE_RESPONSE_TIME } from '../recording-rules.ts';
import { errorRatio } from '../slos.ts';
import { QUEUE_BACKLOG_ORDERS, QUEUE_STUCK_SECONDS } from '../thresholds.ts';
import { dashboard } from './dashboard.ts';
import { alarm, bars, calm, chart, states, tile, warning } from './panels.ts';
import {
  breakerOf,
  breakerStates,
  breakerTimeline,
  chaosTile,
  integrityTile,
  ordersByOutcome,
  queueChart,
  responseTimeColors,
  upTile,
} from './shared-panels.ts';

export const overview = dashboard('overview', 'Overview', 'Is it well, and if not, where to look.', {
  'Is it well?': [
    upTile(),
    tile(
      'Response time, 30 s average',
      { '{{job}}': AVERAGE_RESPONSE_TIME },
      {
        help: 'Of each service. Red over 1 s, as the alert HighLatency.',
        unit: 's',
        colors: responseTimeColors,
        none: 'no requests',
        width: 6,
      },
    ),
    tile(
      'Circuit breaker',
      { breaker: breakerOf('max') },
      { help: 'Whether the order service asks the inventory service.', ...breakerStates },
    ),
    chaosTile(),
    integrityTile(),
    tile(
      'Orders per second',
      { orders: `sum(rate(orders_created_total{${jobIs('order')}}[$__rate_interval]))` },
      { help: 'Orders answered for the first time.', unit: 'ops' },
    ),
    tile(
      'Failed requests',
      { share: errorRatio('availability', '1m') },
      {
        help: 'The share of orders of the last minute answered with 5xx or 429, or given up by the caller.',
        unit: 'percentunit',
        colors: { 0: calm, 0.001: warning, 0.05: alarm },
        none: 'no requests',
      },
    ),
    tile(
      'Orders waiting',
      { depth: `max(order_queue_depth{${jobIs('order')}})` },
      {
        help: 'Queued orders the worker has still to settle.',
        colors: { 0: calm, 1: warning, [QUEUE_BACKLOG_ORDERS]: alarm },
      },
    ),
    tile(
      'Longest wait',
      { age: `max(order_queue_oldest_age_seconds{${jobIs('order')}})` },
      {
        help: 'How long the longest waiting order has been queued, cancelling, or redriven.',
        unit: 's',
        colors: { 0: calm, 10: warning, [QUEUE_STUCK_SECONDS]: alarm },
      },
    ),
    tile(
      'Dead letters',
      { orders: `max(orders_dead_lettered{${jobIs('order')}})` },
      { help: 'Orders the worker gave up on; an operator must redrive them.', colors: { 0: calm, 1: alarm } },
    ),
    tile(
      'Alerts firing',
      { alerts: 'count(ALERTS{alertstate="firing"}) or vector(0)' },
      { help: 'What they mean and what to do: docs/runbook.md.', words: { 0: 'none' }, colors: { 0: calm, 1: alarm } },
    ),
  ],
  Traffic: [
    ordersByOutcome(),
    chart(
      'Response time, 30 s average',
      { '{{job}}': AVERAGE_RESPONSE_TIME },
      { help: 'Amber over 0.5 s, red over 1 s.', unit: 's', colors: responseTimeColors },
    ),
    chart(
      'Failed requests',
      { '{{slo}}': 'valerix:slo_errors:ratio_rate1m' },
      {
        help: 'availability: not answered as they should be. latency: not within 0.5 s. Each over a minute.',
        unit: 'percentunit',
      },
    ),
  ],
  'Stock and queue': [
    bars(
      'Stock',
      { '{{item_id}}': `max by (item_id) (inventory_stock_level{${jobIs('inventory')}})` },
      { help: 'Units on hand.', colors: { 0: alarm, 1: warning, 10: calm } },
    ),
    queueChart(),
    chart(
      'Longest wait in the queue',
      { age: `max(order_queue_oldest_age_seconds{${jobIs('order')}})` },
      { help: 'Red when QueueStuck fires.', unit: 's', colors: { 0: calm, [QUEUE_STUCK_SECONDS]: alarm } },
    ),
  ],
  'What happened': [
    breakerTimeline(),
    states(
      'Alerts',
      { '{{alertname}}': 'max by (alertname) (ALERTS{alertstate="firing"})' },
      { help: 'When which alert fired.', words: { 1: 'firing' }, colors: { 0: calm, 1: alarm }, width: 12 },
    ),
  ],
});

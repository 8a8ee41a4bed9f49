import { jobIs } from '../promql.ts';
import { AVERAGE_RESPONSE_TIME } from '../recording-rules.ts';
import { errorRatio } from '../slos.ts';
import { QUEUE_BACKLOG_ORDERS, QUEUE_STUCK_SECONDS } from '../thresholds.ts';
import { dashboard } from './dashboard.ts';
import { alarm, calm, chart, states, tile, warning } from './panels.ts';
import {
  breakerOf,
  breakerStates,
  breakerTimeline,
  chaosTile,
  integrityTile,
  longestWait,
  ordersByOutcome,
  queueChart,
  responseTimeChart,
  responseTimeColors,
  stockBars,
  upTile,
} from './shared-panels.ts';

export const overview = dashboard('overview', 'Overview', 'Whether the system is healthy, and where to look if not.', {
  Health: [
    upTile(),
    tile(
      'Response time, 30 s average',
      { '{{job}}': AVERAGE_RESPONSE_TIME },
      {
        help: 'Per service. Red over 1 s, as for the alert HighLatency.',
        unit: 's',
        colors: responseTimeColors,
        none: 'no requests',
        width: 6,
      },
    ),
    tile(
      'Circuit breaker',
      { breaker: breakerOf('max') },
      { help: 'Whether the order service calls the inventory service.', ...breakerStates },
    ),
    chaosTile(),
    integrityTile(),
    tile(
      'Orders per second',
      { orders: `sum(rate(orders_created_total{${jobIs('order')}}[$__rate_interval]))` },
      { help: 'First answers; replays are not counted.', unit: 'ops' },
    ),
    tile(
      'Failed requests',
      { share: errorRatio('availability', '1m') },
      {
        help: 'The share of orders in the last minute that got 5xx or 429, or whose caller gave up.',
        unit: 'percentunit',
        colors: { 0: calm, 0.001: warning, 0.05: alarm },
        none: 'no requests',
      },
    ),
    tile(
      'Orders waiting',
      { depth: `max(order_queue_depth{${jobIs('order')}})` },
      {
        help: 'Queued orders that the worker has yet to settle; 10,000 means 10,000 or more.',
        colors: { 0: calm, 1: warning, [QUEUE_BACKLOG_ORDERS]: alarm },
      },
    ),
    tile(
      'Longest wait',
      { age: `max(order_queue_oldest_age_seconds{${jobIs('order')}})` },
      {
        help: 'The time since the oldest open order was queued, cancelled or requeued.',
        unit: 's',
        colors: { 0: calm, 10: warning, [QUEUE_STUCK_SECONDS]: alarm },
      },
    ),
    tile(
      'Dead letters',
      { orders: `max(orders_dead_lettered{${jobIs('order')}})` },
      {
        help: 'Orders that the worker gave up on; an operator must requeue them. 10,000 means 10,000 or more.',
        colors: { 0: calm, 1: alarm },
      },
    ),
    tile(
      'Alerts firing',
      { alerts: 'count(ALERTS{alertstate="firing"}) or vector(0)' },
      {
        help: 'docs/runbook.md says what each alert means and what to do.',
        words: { 0: 'none' },
        colors: { 0: calm, 1: alarm },
      },
    ),
  ],
  Traffic: [
    ordersByOutcome(),
    responseTimeChart(),
    chart(
      'Failed requests',
      { '{{slo}}': 'valerix:slo_errors:ratio_rate1m' },
      {
        help: 'Share over a minute. availability: 5xx, 429 or given up. latency: slower than 0.5 s.',
        unit: 'percentunit',
      },
    ),
  ],
  'Stock and queue': [stockBars(), queueChart(), longestWait()],
  Events: [
    breakerTimeline(),
    states(
      'Alerts',
      { '{{alertname}}': 'max by (alertname) (ALERTS{alertstate="firing"})' },
      { help: 'When each alert fired.', words: { 1: 'firing' }, colors: { 0: calm, 1: alarm }, width: 12 },
    ),
  ],
});

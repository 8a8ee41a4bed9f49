import { jobIs, meanOf } from '../promql.ts';
import { chart } from './panels.ts';
import type { Rows } from './service-dashboard.ts';
import { breakerTimeline, ordersByOutcome, queueChart } from './shared-panels.ts';

const job = jobIs('order');
const rate = (counter: string, by: string): string => `sum by (${by}) (rate(${counter}{${job}}[$__rate_interval]))`;

/** What only the order service has: orders, the call to the warehouse, the queue. */
export const orderRows: Rows = {
  Orders: [
    ordersByOutcome(),
    chart(
      'Time to the first answer',
      { '{{status}}': meanOf('order_processing_duration_seconds', job, 'status') },
      { help: 'Queued orders take as long as the order service waits for the warehouse.', unit: 's' },
    ),
    chart(
      'Repeated keys',
      {
        '{{result}}': rate('idempotency_requests_total', 'result'),
        'replayed by Redis': `sum(rate(idempotency_cache_hits_total{${job}}[$__rate_interval]))`,
      },
      { help: 'Retries that were replayed, came too early (409), or meant another order (422).', unit: 'ops' },
    ),
  ],
  'The call to the warehouse': [
    breakerTimeline(),
    chart(
      'Breaker transitions',
      { 'to {{to}}': rate('circuit_breaker_transitions_total', 'to') },
      { help: 'How often it opens, tries and closes.', unit: 'ops', width: 12 },
    ),
    chart(
      'Calls by outcome',
      { '{{outcome}}': rate('inventory_calls_total', 'outcome') },
      {
        help: 'unknown: asked, but no answer came. not-sent: the breaker was open or the bulkhead full.',
        unit: 'ops',
        stacked: true,
      },
    ),
    chart(
      'Retries',
      { 'attempt {{attempt}}': rate('inventory_retries_total', 'attempt') },
      { help: 'Second and later attempts.', unit: 'ops' },
    ),
    chart(
      'Bulkhead',
      {
        '{{instance}} in use': `inventory_bulkhead_in_use{${job}}`,
        '{{instance}} most': `inventory_bulkhead_max{${job}}`,
      },
      { help: 'Orders that wait for the warehouse; more than the limit are queued without asking.' },
    ),
  ],
  'The queue': [
    queueChart(),
    chart(
      'Longest wait in the queue',
      { age: `max(order_queue_oldest_age_seconds{${job}})` },
      { help: 'Grows while nothing is settled.', unit: 's' },
    ),
    chart(
      'Settled by the worker',
      { '{{status}}': rate('orders_settled_total', 'status') },
      { help: 'Queued and abandoned orders that came to an end.', unit: 'ops', stacked: true },
    ),
  ],
  Batches: [
    chart(
      'Orders in one transaction',
      { '{{step}}': meanOf('order_batch_size', job, 'step') },
      { help: 'create: the order is written. settle: its answer is. Batches grow with the load.', width: 12 },
    ),
    chart(
      'Orders taken by one sweep',
      { claimed: meanOf('order_sweep_claimed', job, 'job') },
      { help: 'How many the worker finds due at once.', width: 12 },
    ),
  ],
};

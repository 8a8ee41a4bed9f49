import { jobIs, meanOf } from '../promql.ts';
import { chart } from './panels.ts';
import type { Rows } from './service-dashboard.ts';
import { breakerTimeline, longestWait, ordersByOutcome, queueChart, settledChart } from './shared-panels.ts';

const job = jobIs('order');
const rate = (counter: string, by: string): string => `sum by (${by}) (rate(${counter}{${job}}[$__rate_interval]))`;

/** The rows that only the order service has: orders, calls to the inventory service, the queue. */
export const orderRows: Rows = {
  Orders: [
    ordersByOutcome(),
    chart(
      'Time to the first answer',
      { '{{status}}': meanOf('order_processing_duration_seconds', job, 'status') },
      { help: 'A queued order takes as long as the order service waits for the inventory service.', unit: 's' },
    ),
    chart(
      'Refused orders',
      { '{{reason}}': rate('orders_refused_total', 'reason') },
      {
        help: 'Refused at once or by the worker. OUT_OF_STOCK and ITEM_NOT_FOUND are answers, not failures.',
        unit: 'ops',
      },
    ),
    chart(
      'Repeated keys',
      {
        '{{result}}': rate('idempotency_requests_total', 'result'),
        'replayed by Redis': `sum(rate(idempotency_cache_hits_total{${job}}[$__rate_interval]))`,
      },
      { help: 'Retries: replayed, too early (409), or for another order (422).', unit: 'ops' },
    ),
  ],
  'Calls to participants': [
    breakerTimeline(),
    chart(
      'Breaker transitions',
      { 'to {{to}}': rate('circuit_breaker_transitions_total', 'to') },
      { help: 'How often the breaker opens, half-opens and closes.', unit: 'ops', width: 12 },
    ),
    chart(
      'Calls by outcome',
      { '{{service}} {{outcome}}': rate('participant_calls_total', 'service, outcome') },
      {
        help: 'unknown: sent, but no answer came. not-sent: the breaker was open or the bulkhead full.',
        unit: 'ops',
        stacked: true,
      },
    ),
    chart(
      'Retries',
      { '{{service}} attempt {{attempt}}': rate('participant_retries_total', 'service, attempt') },
      { help: 'Second and later attempts of a request. Their number is bounded by a budget.', unit: 'ops' },
    ),
    chart(
      'Applied by attempt',
      { '{{service}} {{attempt}}': rate('participant_applied_total', 'service, attempt') },
      {
        help: "Which attempt took the stock, or the money: a request's first, a retry of the same request, or the worker's.",
        unit: 'ops',
        stacked: true,
      },
    ),
    chart(
      'Admission',
      {
        '{{instance}} in progress': `orders_in_progress{${job}}`,
        '{{instance}} limit': `order_admission_limit{${job}}`,
      },
      { help: 'Orders in progress, and how many the measured delay allows; orders beyond the limit get 429.' },
    ),
    chart(
      'Bulkhead',
      {
        '{{instance}} {{service}} in use': `participant_bulkhead_in_use{${job}}`,
        '{{instance}} {{service}} limit': `participant_bulkhead_max{${job}}`,
      },
      { help: 'Orders that wait for a participant; orders beyond the limit are queued without a call.' },
    ),
  ],
  'The queue': [queueChart(), longestWait(), settledChart()],
  Batches: [
    chart(
      'Orders in one transaction',
      { '{{step}}': meanOf('order_batch_size', job, 'step') },
      { help: 'create: writes the orders (T0). settle: writes their answers (T1). Batches grow with load.', width: 12 },
    ),
    chart(
      'Orders claimed by one sweep',
      { claimed: meanOf('order_sweep_claimed', job, 'job') },
      { help: 'How many due orders the worker finds at once.', width: 12 },
    ),
  ],
};

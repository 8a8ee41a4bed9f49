import { anyJob, jobIs } from '../promql.ts';
import { AVERAGE_RESPONSE_TIME } from '../recording-rules.ts';
import { dashboard } from './dashboard.ts';
import { alarm, calm, chart, states, warning } from './panels.ts';
import {
  breakerTimeline,
  chaosTile,
  integrityTile,
  integrityTimeline,
  ordersByOutcome,
  queueChart,
  responseTimeColors,
  upTile,
} from './shared-panels.ts';

export const chaosAndRecovery = dashboard(
  'chaos-and-recovery',
  'Chaos and recovery',
  'What was broken, what it did, and how the system came back.',
  {
    'What is broken': [
      chaosTile(),
      integrityTile(),
      upTile(),
      states(
        'Faults armed',
        { '{{job}}: {{type}}': 'max by (job, type) (chaos_enabled)' },
        {
          help: 'Which kind of fault was armed when, by service.',
          words: { 0: 'off', 1: 'armed' },
          colors: { 0: calm, 1: warning },
          width: 24,
          height: 8,
        },
      ),
      chart(
        'Faults injected',
        { '{{job}}: {{type}}': 'sum by (job, type) (rate(chaos_events_total[$__rate_interval]))' },
        {
          help: 'How often a fault really struck. An experiment in which this stays zero shows nothing.',
          unit: 'ops',
          width: 24,
        },
      ),
    ],
    'What it does': [
      chart(
        'Response time, 30 s average',
        { '{{job}}': AVERAGE_RESPONSE_TIME },
        { help: 'Amber over 0.5 s, red over 1 s.', unit: 's', colors: responseTimeColors, width: 12 },
      ),
      ordersByOutcome(12),
      breakerTimeline(),
      states(
        'Services',
        { '{{job}} {{instance}}': `up{${anyJob}}` },
        {
          help: 'Whether each replica answers its scrape.',
          words: { 0: 'down', 1: 'up' },
          colors: { 0: alarm, 1: calm },
          width: 12,
        },
      ),
    ],
    'How it recovers': [
      queueChart(),
      chart(
        'Longest wait in the queue',
        { age: `max(order_queue_oldest_age_seconds{${jobIs('order')}})` },
        { help: 'Back to zero: everything was settled.', unit: 's' },
      ),
      chart(
        'Settled by the worker',
        { '{{status}}': `sum by (status) (rate(orders_settled_total{${jobIs('order')}}[$__rate_interval]))` },
        { help: 'Orders that were queued or abandoned, brought to an end.', unit: 'ops', stacked: true },
      ),
      integrityTimeline(),
    ],
  },
);

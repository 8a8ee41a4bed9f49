import { anyJob } from '../promql.ts';
import { dashboard } from './dashboard.ts';
import { alarm, calm, chart, states, warning } from './panels.ts';
import {
  breakerTimeline,
  chaosTile,
  integrityTile,
  integrityTimeline,
  longestWait,
  ordersByOutcome,
  queueChart,
  responseTimeChart,
  settledChart,
  upTile,
} from './shared-panels.ts';

export const chaosAndRecovery = dashboard(
  'chaos-and-recovery',
  'Chaos and recovery',
  'Which faults are active, what they do, and how the system recovers.',
  {
    'Active faults': [
      chaosTile(),
      integrityTile(),
      upTile(),
      states(
        'Faults armed',
        { '{{job}}: {{type}}': 'max by (job, type) (chaos_enabled)' },
        {
          help: 'When each type of fault was armed, by service.',
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
          help: 'Faults that fired. An experiment proves nothing while this stays zero.',
          unit: 'ops',
          width: 24,
        },
      ),
    ],
    Effects: [
      responseTimeChart(12),
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
    Recovery: [queueChart(), longestWait(), settledChart(), integrityTimeline()],
  },
);

import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { declaration, type ServiceKey } from '@valerix/system';
import { jobIs, meanOf } from '../promql.ts';
import { AVERAGE_RESPONSE_TIME } from '../recording-rules.ts';
import { dashboard } from './dashboard.ts';
import { alarm, calm, chart, states, warning } from './panels.ts';
import { responseTimeColors } from './shared-panels.ts';

export type Rows = Record<string, Builder<Panel>[]>;

/** The dashboard of one service: requests, the service's own rows, process. */
export function serviceDashboard(key: ServiceKey, ownRows: Rows = {}): Dashboard {
  const { name, purpose } = declaration(key);
  const title = name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
  const job = jobIs(key);
  return dashboard(name, title, purpose, {
    Requests: requestPanels(job),
    ...ownRows,
    Process: processPanels(`{${job}}`),
  });
}

function requestPanels(job: string) {
  const labels = `{${job}}`;
  const buckets = `sum by (le) (rate(http_request_duration_seconds_bucket${labels}[$__rate_interval]))`;
  return [
    chart(
      'Requests by status',
      {
        '{{status_code}}': `sum by (status_code) (rate(http_request_duration_seconds_count${labels}[$__rate_interval]))`,
      },
      { help: '499: the caller closed the connection before the answer.', unit: 'reqps', stacked: true },
    ),
    chart(
      'Response time',
      {
        '30 s average': `${AVERAGE_RESPONSE_TIME}${labels}`,
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
      { '{{method}} {{route}}': meanOf('http_request_duration_seconds', job, 'method, route') },
      { help: 'Shows which route is slow.', unit: 's' },
    ),
    chart(
      'Refused by a quota',
      { '{{class}}': `sum by (class) (rate(rate_limited_total${labels}[$__rate_interval]))` },
      { help: 'Requests of callers who had used up their quota (429).', unit: 'reqps', stacked: true },
    ),
  ];
}

function processPanels(labels: string) {
  return [
    chart(
      'Event-loop lag',
      {
        '{{instance}} longest': `nodejs_eventloop_lag_max_seconds${labels}`,
        '{{instance}} 99th percentile': `nodejs_eventloop_lag_p99_seconds${labels}`,
      },
      {
        help: 'How late timers ran since the last scrape. Scrapes by the dashboard count too.',
        unit: 's',
        width: 6,
      },
    ),
    chart(
      'Database pools',
      {
        '{{instance}} {{pool}} in use': `db_pool_in_use${labels}`,
        '{{instance}} {{pool}} waiting': `db_pool_waiting${labels}`,
        '{{instance}} {{pool}} limit': `db_pool_max${labels}`,
      },
      {
        help: 'Connections in use, requests waiting for one, and the limit: of orders (work), readers (read), gauges (watch), and probes.',
        width: 6,
      },
    ),
    chart(
      'CPU',
      { '{{instance}}': `rate(process_cpu_seconds_total${labels}[$__rate_interval])` },
      { help: 'Cores in use. A process has one event loop, so it is saturated near 1.', unit: 'percentunit', width: 6 },
    ),
    chart(
      'Memory',
      {
        '{{instance}} resident': `process_resident_memory_bytes${labels}`,
        '{{instance}} heap': `nodejs_heap_size_used_bytes${labels}`,
      },
      { help: 'Memory of the process and of its JavaScript heap.', unit: 'bytes', width: 6 },
    ),
    states(
      'Database',
      { '{{instance}}': `db_up${labels}` },
      {
        help: 'Whether the database answers. Without it the service is not ready.',
        words: { 0: 'down', 1: 'up' },
        colors: { 0: alarm, 1: calm },
        width: 12,
      },
    ),
    states(
      'Redis',
      { '{{instance}}': `redis_up${labels} + redis_writable${labels}` },
      {
        help: 'Whether the connection is ready and Redis takes writes. Without Redis the service is slower, not down.',
        words: { 0: 'down', 1: 'takes no writes', 2: 'ready' },
        colors: { 0: warning, 2: calm },
        width: 12,
      },
    ),
  ];
}

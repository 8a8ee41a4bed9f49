import { type MetricEntry, metricCatalogue } from './metric-catalogue.ts';
import { nowRules, sloRules } from './recording-rules.ts';

/** `docs/metrics.md`: every metric of both services, as their code declares them. */
export function metricsPage(): string {
  const { 'order-service': orders, 'inventory-service': inventory } = metricCatalogue();
  const names = (entries: MetricEntry[]) => new Set(entries.map(({ name }) => name));
  const inBoth = names(orders.filter(({ name }) => names(inventory).has(name)));
  const only = (entries: MetricEntry[]) => entries.filter(({ name }) => !inBoth.has(name));
  return [
    '# Metrics',
    '',
    'Generated from the registries of both services by `npm run generate`; a test fails when it differs.',
    '',
    'Each service answers `GET /metrics`. The scrape adds `job` (the service) and `instance` (the replica). `route` is a',
    "route's template, never a path, so the number of series is bounded; a path nobody serves is `unmatched`, and a method",
    'nobody serves is `OTHER`. `status_code` 499 means that the caller left before the answer. Probes, scrapes and event',
    'streams are not counted as requests.',
    '',
    ...section(
      'Both services',
      'Requests, the process, its database connections and Redis.',
      orders.filter(({ name }) => inBoth.has(name)),
    ),
    ...section('order-service', 'Orders, the call to the warehouse, the queue.', only(orders)),
    ...section('inventory-service', 'Stock and decisions.', only(inventory)),
    ...recordedSection(),
  ].join('\n');
}

function section(title: string, about: string, entries: MetricEntry[]): string[] {
  return [
    `## ${title}`,
    '',
    about,
    '',
    '| metric | type | labels | what it is |',
    '|---|---|---|---|',
    ...entries.map(
      (entry) => `| \`${entry.name}\` | ${typeOf(entry)} | ${entry.labels.map(code).join(', ')} | ${entry.help} |`,
    ),
    '',
  ];
}

/** What the rules of `monitoring/prometheus` compute from them. */
function recordedSection(): string[] {
  const rules = [...nowRules, ...sloRules.short, ...sloRules.medium, ...sloRules.long];
  const names = [...new Set(rules.map(({ record }) => record))];
  return [
    '## Recorded by Prometheus',
    '',
    'From `monitoring/prometheus/rules/recording.yml`. The first is the one definition of the response time that the',
    'dashboard, Grafana and HighLatency share. The others have the label `slo`: `availability` or `latency`.',
    '',
    ...names.map((name) => `- \`${name}\``),
    '',
  ];
}

const code = (text: string): string => `\`${text}\``;

function typeOf({ type, buckets }: MetricEntry): string {
  return buckets.length > 0 ? `${type}, edges ${buckets.join(' ')}` : type;
}

import { declaration, SERVICE_KEYS } from '@valerix/system';
import { type MetricEntry, metricCatalogue } from './metric-catalogue.ts';
import { nowRules, sloRules } from './recording-rules.ts';

/** `docs/metrics.md`: every metric of every service, as its code declares them. */
export function metricsPage(): string {
  const services = Object.values(metricCatalogue);
  const isCommon = ({ name }: MetricEntry) => services.every((entries) => entries.some((entry) => entry.name === name));
  return [
    '# Metrics',
    '',
    'Generated from the registries of the services by `npm run generate`; a test fails when it differs.',
    '',
    'Each service answers `GET /metrics`. The scrape adds `job` (the service) and `instance` (the replica). `route` is a',
    "route's template, never a path, so the number of series is bounded; a path without a route is `unmatched`, and an unknown",
    'method is `OTHER`. `status_code` 499 means that the caller left before the answer. Probes, scrapes and event',
    'streams are not counted as requests.',
    '',
    ...section(
      'Every service',
      'Requests, the process, its database connections, Redis, and the active faults.',
      (services[0] ?? []).filter(isCommon),
    ),
    ...SERVICE_KEYS.map(declaration).flatMap(({ name, purpose }) =>
      section(
        name,
        purpose,
        metricCatalogue[name].filter((entry) => !isCommon(entry)),
      ),
    ),
    ...recordedSection(),
  ].join('\n');
}

function section(title: string, about: string, entries: MetricEntry[]): string[] {
  if (entries.length === 0) return [`## ${title}`, '', `${about} It has no metrics of its own.`, ''];
  return [
    `## ${title}`,
    '',
    about,
    '',
    '| metric | type | labels | meaning |',
    '|---|---|---|---|',
    ...entries.map(
      (entry) => `| \`${entry.name}\` | ${typeOf(entry)} | ${entry.labels.map(code).join(', ')} | ${entry.help} |`,
    ),
    '',
  ];
}

/** What the rules in `monitoring/prometheus` compute from these metrics. */
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

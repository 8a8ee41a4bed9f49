import { stringify } from 'yaml';
import { type Alert, alerts } from './alerts.ts';
import { burnAlerts, classroomAlerts } from './burn-alerts.ts';
import { nowRules, type RecordingRule, sloRules } from './recording-rules.ts';
import { SCRAPE_INTERVAL } from './thresholds.ts';

type Rule = Record<string, unknown>;
export interface RuleGroup {
  name: string;
  interval: string;
  rules: Rule[];
}

/** Only the rule tests depend on the order: recording rules come before the rules that read them. */
export const ruleGroups: readonly RuleGroup[] = [
  { name: 'valerix-now', interval: SCRAPE_INTERVAL, rules: nowRules.map(recorded) },
  { name: 'valerix-slo-short', interval: SCRAPE_INTERVAL, rules: sloRules.short.map(recorded) },
  { name: 'valerix-slo-medium', interval: '15s', rules: sloRules.medium.map(recorded) },
  { name: 'valerix-slo-long', interval: '2m', rules: sloRules.long.map(recorded) },
  { name: 'valerix-alerts', interval: SCRAPE_INTERVAL, rules: alerts.map(alerting) },
  { name: 'valerix-burn-rates', interval: '30s', rules: burnAlerts.map(alerting) },
  { name: 'valerix-classroom', interval: SCRAPE_INTERVAL, rules: classroomAlerts.map(alerting) },
];

/** The files of `prometheus/rules/`, by name. */
export function ruleFiles(): Record<string, string> {
  const file = (source: string, wanted: (group: RuleGroup) => boolean) =>
    yamlFile(source, { groups: ruleGroups.filter(wanted) });
  return {
    'recording.yml': file('src/recording-rules.ts', ({ rules }) => rules.every((rule) => 'record' in rule)),
    'alerts.yml': file('src/alerts.ts', ({ name }) => name === 'valerix-alerts' || name === 'valerix-burn-rates'),
    'classroom.yml': file('src/slos.ts', ({ name }) => name === 'valerix-classroom'),
  };
}

/** A YAML document with a comment that names its source. */
export function yamlFile(source: string, document: unknown): string {
  const head = `# Generated from monitoring/${source} by "npm run generate"; a test fails when they differ.\n`;
  return head + stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

function recorded({ record, expr, labels }: RecordingRule): Rule {
  return { record, expr, ...(labels && { labels }) };
}

function alerting(alert: Alert): Rule {
  return {
    alert: alert.name,
    expr: alert.expr,
    ...(alert.for && { for: alert.for }),
    ...(alert.keepFiringFor && { keep_firing_for: alert.keepFiringFor }),
    labels: labelsOf(alert),
    annotations: { summary: alert.summary, description: alert.description, runbook_url: runbookUrl(alert) },
  };
}

export function labelsOf({ severity, labels }: Alert): Record<string, string> {
  return { severity, ...labels };
}

/** The alert's entry in the runbook, a file that every copy of the repository has. */
export function runbookUrl({ name }: Pick<Alert, 'name'>): string {
  return `docs/runbook.md#${name.toLowerCase()}`;
}

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const rules = join(root, 'monitoring/prometheus/rules');

/** Where the PrometheusRule of the component monitoring-operator is kept. */
export const prometheusRuleFile = join(root, 'k8s/components/monitoring-operator/prometheus-rule.yaml');

/** The rule files of `monitoring/` as one PrometheusRule: the operator takes no files. */
export function prometheusRule(): string {
  const groups = readdirSync(rules)
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .flatMap((name) => (parse(readFileSync(join(rules, name), 'utf8')) as { groups: unknown[] }).groups);
  const resource = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'valerix', namespace: 'valerix' },
    spec: { groups },
  };
  return `# Generated from monitoring/prometheus/rules by "npm run k8s:generate"; a test fails when they differ.\n${stringify(resource, { lineWidth: 0 })}`;
}

if (import.meta.main) writeFileSync(prometheusRuleFile, prometheusRule());

import { parse, stringify } from 'yaml';

/** Where the PrometheusRule of the component monitoring-operator is kept. */
export const PROMETHEUS_RULE = 'k8s/components/monitoring-operator/prometheus-rule.yaml';

/** The rule files among the given ones as one PrometheusRule: the operator takes no files. */
export function prometheusRule(monitoring: Readonly<Record<string, string>>): string {
  const groups = Object.entries(monitoring)
    .filter(([path]) => path.startsWith('monitoring/prometheus/rules/'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, text]) => (parse(text) as { groups: unknown[] }).groups);
  const resource = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'valerix', namespace: 'valerix' },
    spec: { groups },
  };
  return `# Generated from monitoring/prometheus/rules by "npm run generate"; a test fails when they differ.\n${stringify(resource, { lineWidth: 0 })}`;
}

import { resolve } from 'node:path';
import { alertmanagerFile } from './alertmanager-config.ts';
import { burnTestFiles } from './burn-tests.ts';
import { dashboardFiles } from './dashboards/index.ts';
import { metricsPage } from './metrics-page.ts';
import { composePrometheusFile } from './prometheus-config.ts';
import { ruleFiles, yamlFile } from './rule-files.ts';

export const repositoryRoot = resolve(import.meta.dirname, '../..');

/** The text of every generated file, by its path in the repository. Nothing is read, so the same code gives the same bytes. */
export function generatedFiles(): Record<string, string> {
  const monitoring = {
    'kustomization.yaml': kustomization(),
    'alertmanager/alertmanager.yml': alertmanagerFile(),
    'prometheus/prometheus.yml': composePrometheusFile(),
    ...within('prometheus/rules', ruleFiles()),
    ...within('prometheus/tests', burnTestFiles()),
    ...within('grafana/dashboards', dashboardFiles()),
  };
  return { 'docs/metrics.md': metricsPage(), ...within('monitoring', monitoring) };
}

/**
 * The files of `monitoring/` as ConfigMaps for k8s/base, so that the cluster gets what compose and `make monitoring` use. A
 * kustomization may not read files outside its folder, but it may name another kustomization.
 */
function kustomization(): string {
  const named = (folder: string, files: Record<string, string>) => Object.keys(within(folder, files)).sort();
  const maps = {
    'prometheus-rules': named('prometheus/rules', ruleFiles()),
    alertmanager: ['alertmanager/alertmanager.yml'],
    'grafana-datasources': ['grafana/provisioning/datasources/prometheus.yml'],
    'grafana-dashboard-providers': ['grafana/provisioning/dashboards/valerix.yml'],
    'grafana-dashboards': named('grafana/dashboards', dashboardFiles()),
  };
  return yamlFile('src/generated-files.ts', {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    configMapGenerator: Object.entries(maps).map(([name, files]) => ({ name, files })),
  });
}

const within = (folder: string, files: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

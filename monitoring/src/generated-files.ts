import { resolve } from 'node:path';
import { alertmanagerFile } from './alertmanager-config.ts';
import { dashboardFiles } from './dashboards/index.ts';
import { metricsPage } from './metrics-page.ts';
import { composePrometheusFile } from './prometheus-config.ts';
import { ruleFiles } from './rule-files.ts';
import { ruleTestFiles } from './rule-tests.ts';

export const repositoryRoot = resolve(import.meta.dirname, '../..');

/** The text of every generated file, by its path in the repository. Nothing is read, so the same code gives the same bytes. */
export function generatedFiles(): Record<string, string> {
  return {
    'docs/metrics.md': metricsPage(),
    'monitoring/prometheus/prometheus.yml': composePrometheusFile(),
    'monitoring/alertmanager/alertmanager.yml': alertmanagerFile(),
    ...within('monitoring/prometheus/rules', ruleFiles()),
    ...within('monitoring/prometheus/tests', ruleTestFiles()),
    ...within('monitoring/grafana/dashboards', dashboardFiles()),
  };
}

const within = (folder: string, files: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

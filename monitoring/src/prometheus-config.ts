import { declaration, SERVICE_KEYS } from '@valerix/system';
import { yamlFile } from './rule-files.ts';
import { SCRAPE_INTERVAL } from './thresholds.ts';

export interface ScrapeOptions {
  /** How each job finds its replicas. */
  jobs: Record<string, object>;
  ruleFiles: string[];
  alertmanager?: string;
  /** Default: 5 s. Tests use less. */
  interval?: string;
}

/** A configuration that Prometheus 2.42 and 3 both accept. */
export function prometheusConfig(options: ScrapeOptions) {
  const interval = options.interval ?? SCRAPE_INTERVAL;
  return {
    global: {
      // Six samples in the 30 s of the average response time.
      scrape_interval: interval,
      scrape_timeout: interval,
      evaluation_interval: interval,
    },
    rule_files: options.ruleFiles,
    ...(options.alertmanager && {
      alerting: { alertmanagers: [{ static_configs: [{ targets: [options.alertmanager] }] }] },
    }),
    scrape_configs: Object.entries(options.jobs).map(([job_name, discovery]) => ({ job_name, ...discovery })),
  };
}

/** Replicas at known addresses, as `host:port`. */
export const atHosts = (targets: string[]) => ({ static_configs: [{ targets }] });

/** `prometheus/prometheus.yml`, for docker compose: a service's name has one address per replica. One job per service, named after it. */
export function composePrometheusFile(): string {
  const services = SERVICE_KEYS.map(declaration).map(({ name, port }) => {
    return [name, { dns_sd_configs: [{ names: [name], type: 'A', port, refresh_interval: SCRAPE_INTERVAL }] }];
  });
  const jobs = { ...Object.fromEntries(services), prometheus: atHosts(['localhost:9090']) };
  const config = prometheusConfig({ jobs, ruleFiles: ['rules/*.yml'], alertmanager: 'alertmanager:9093' });
  return yamlFile('src/prometheus-config.ts', config);
}

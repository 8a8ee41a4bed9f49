import { yamlFile } from './rule-files.ts';
import { SCRAPE_INTERVAL } from './thresholds.ts';

export interface ScrapeOptions {
  /** By job. A host and port, or a DNS name with one address per replica. */
  targets: Record<string, { targets: string[] } | { dnsName: string; port: number }>;
  ruleFiles: string[];
  alertmanager?: string;
  /** 5 s unless a test is in a hurry. */
  interval?: string;
}

/** A configuration that Prometheus 2.42 and 3 both take. */
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
    scrape_configs: Object.entries(options.targets).map(([job, found]) => ({ job_name: job, ...discovery(found) })),
  };
}

/** `prometheus/prometheus.yml`, for docker compose: the services by their names, however many replicas. */
export function composePrometheusFile(): string {
  return yamlFile(
    'src/prometheus-config.ts',
    prometheusConfig({
      targets: {
        'order-service': { dnsName: 'order-service', port: 3001 },
        'inventory-service': { dnsName: 'inventory-service', port: 3002 },
        prometheus: { targets: ['localhost:9090'] },
      },
      ruleFiles: ['rules/*.yml'],
      alertmanager: 'alertmanager:9093',
    }),
  );
}

function discovery(found: ScrapeOptions['targets'][string]) {
  if ('targets' in found) return { static_configs: [{ targets: found.targets }] };
  const { dnsName, port } = found;
  return { dns_sd_configs: [{ names: [dnsName], type: 'A', port, refresh_interval: SCRAPE_INTERVAL }] };
}

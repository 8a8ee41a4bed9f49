import { ConfigError, type Env, type LocalConfig, parentEnv, readConfig } from '@valerix/local-stack/config';

export interface MonitoringConfig {
  stack: LocalConfig;
  prometheusPort: number;
  alertmanagerPort: number;
  /** Where Alertmanager sends alerts; absent, they are printed. */
  webhookUrl: string | undefined;
}

/**
 * The settings of `make monitoring`: those of `make up`, and two ports more.
 * @throws ConfigError
 */
export function readMonitoringConfig(env: Env = parentEnv()): MonitoringConfig {
  const stack = readConfig(env);
  const offset = Number(env.PORT_OFFSET || 0);
  const webhookUrl = env.ALERT_WEBHOOK_URL || undefined;
  if (webhookUrl && !URL.canParse(webhookUrl)) throw new ConfigError('ALERT_WEBHOOK_URL must be a URL.');
  return {
    stack,
    prometheusPort: portOf(env, 'PROMETHEUS_PORT', 9090) + offset,
    alertmanagerPort: portOf(env, 'ALERTMANAGER_PORT', 9093) + offset,
    webhookUrl,
  };
}

function portOf(env: Env, name: string, fallback: number): number {
  const value = Number(env[name] || fallback);
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
  throw new ConfigError(`${name} must be a port, not "${env[name]}".`);
}

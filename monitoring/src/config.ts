import { type Env, parentEnv, readConfig } from '@valerix/local-stack/config';
import { parseEnv, wholeNumber } from '@valerix/service-kit/env';
import { z } from 'zod';

export type MonitoringConfig = ReturnType<typeof readMonitoringConfig>;

const port = wholeNumber(1, 65_535);

const schema = z.object({
  PORT_OFFSET: wholeNumber(0, 60_000).default(0),
  PROMETHEUS_PORT: port.default(9090),
  ALERTMANAGER_PORT: port.default(9093),
  ALERT_WEBHOOK_URL: z.url('must be a URL').optional(),
});

/**
 * The settings of `make monitoring`: those of `make up`, two ports, and the webhook.
 * @throws ConfigError
 */
export function readMonitoringConfig(env: Env = parentEnv()) {
  const stack = readConfig(env);
  const own = parseEnv(schema, env);
  return {
    stack,
    prometheusPort: own.PROMETHEUS_PORT + own.PORT_OFFSET,
    alertmanagerPort: own.ALERTMANAGER_PORT + own.PORT_OFFSET,
    /** Where Alertmanager sends alerts; if absent, they are printed. */
    webhookUrl: own.ALERT_WEBHOOK_URL,
  };
}

import { SERVICES } from '@valerix/system';
import { jobIs } from './promql.ts';
import { yamlFile } from './rule-files.ts';

/** Where alerts go. `url_file` keeps an address that contains a secret out of the configuration. */
export type Webhook = { url: string } | { url_file: string };

/** Groups by alert: ten sold-out items are one message. Pages are sent first and repeated sooner. */
export function alertmanagerConfig(webhook: Webhook) {
  const receiver = 'webhook';
  const down = 'alertname="ServiceDown"';
  return {
    route: {
      receiver,
      group_by: ['alertname', 'severity'],
      group_wait: '10s',
      group_interval: '1m',
      repeat_interval: '4h',
      routes: [
        {
          ...{ matchers: ['severity=~"page|classroom"'], receiver },
          ...{ group_wait: '5s', group_interval: '30s', repeat_interval: '1h' },
        },
      ],
    },
    inhibit_rules: [
      // While a service is down, its other alerts are consequences.
      { source_matchers: [down], target_matchers: ['alertname="HighLatency"'], equal: ['job'] },
      {
        source_matchers: [down, jobIs(...SERVICES.order.calls)],
        target_matchers: ['alertname=~"CircuitBreakerOpen|QueueBacklog|QueueStuck"'],
      },
      {
        source_matchers: [down, jobIs('order')],
        target_matchers: ['alertname=~"OrderAvailabilityBurn|OrderLatencyBurn"'],
      },
      // The faster burn of the same SLO makes the slower one redundant.
      {
        source_matchers: ['alertname=~"Order.+Burn"', 'severity="page"'],
        target_matchers: ['alertname=~"Order.+Burn"', 'severity="ticket"'],
        equal: ['alertname'],
      },
    ],
    receivers: [{ name: receiver, webhook_configs: [{ ...webhook, send_resolved: true }] }],
  };
}

/** `alertmanager/alertmanager.yml`, for compose and Kubernetes, which mount the webhook's address as a file. */
export function alertmanagerFile(): string {
  return yamlFile('src/alertmanager-config.ts', alertmanagerConfig({ url_file: '/etc/alertmanager/webhook-url' }));
}

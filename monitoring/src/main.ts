import { join } from 'node:path';
import { carryOut, commandLine } from '@valerix/local-stack/commands/command-line';
import { ConfigError } from '@valerix/local-stack/config';
import { readEnvFile } from '@valerix/local-stack/home/env-file';
import { homeAt } from '@valerix/local-stack/home/home';
import { PortInUse, requireFreePorts } from '@valerix/local-stack/machine/port-in-use';
import { declaration, SERVICE_KEYS, urlVariable } from '@valerix/system';
import { startAlertmanager, startSink } from './alertmanager-server.ts';
import { type MonitoringConfig, readMonitoringConfig } from './config.ts';
import { atHosts, type ScrapeOptions } from './prometheus-config.ts';
import { committedRules, startPrometheus } from './prometheus-server.ts';

const VARIABLES = `
Environment variables:
  PROMETHEUS_PORT 9090, ALERTMANAGER_PORT 9093   shifted by PORT_OFFSET
  ALERT_WEBHOOK_URL                              where alerts are sent; unset, they are printed here
  VALERIX_HOME                                   the folder of the system (.valerix)`;

/** `make monitoring`: Prometheus, and Alertmanager where it is installed, against the system of `make up`, until Ctrl-C. */
async function main(): Promise<void> {
  const config = readMonitoringConfig();
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('interrupted'));
  });
  const started: { stop(): Promise<void> }[] = [];
  try {
    const jobs = await jobsOf(config);
    const prometheus = await start(config, jobs, started);
    const said = await Promise.race([interrupted, prometheus.ended]);
    if (said !== 'interrupted') throw new Error(`Prometheus ended by itself:\n${said}`);
    console.log('\nStopping.');
  } finally {
    for (const one of started.reverse()) await one.stop();
  }
}

/** Hosts and ports of the services, from what `make up` wrote. */
async function jobsOf({ stack }: MonitoringConfig): Promise<ScrapeOptions['jobs']> {
  const home = homeAt(stack.home);
  const env = readEnvFile(home);
  const jobs: ScrapeOptions['jobs'] = {};
  for (const key of SERVICE_KEYS) {
    const { name } = declaration(key);
    const url = env[urlVariable(key)];
    if (!url) throw new ConfigError(`There is no ${home.envFile} yet: start the system first, with "make up".`);
    const answers = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (!answers?.ok) console.log(`${name} does not answer at ${url}: ServiceDown will fire until it does.`);
    jobs[name] = atHosts([new URL(url).host]);
  }
  return jobs;
}

async function start(config: MonitoringConfig, jobs: ScrapeOptions['jobs'], started: { stop(): Promise<void> }[]) {
  const { prometheusPort, alertmanagerPort } = config;
  await requireFreePorts([
    { port: prometheusPort, purpose: 'Prometheus', variable: 'PROMETHEUS_PORT' },
    { port: alertmanagerPort, purpose: 'Alertmanager', variable: 'ALERTMANAGER_PORT' },
  ]);
  const sink = config.webhookUrl ? undefined : await startSink((line) => console.log(line));
  if (sink) started.push(sink);
  const webhook = config.webhookUrl ?? sink?.url ?? '';
  const alertmanager = await startAlertmanager(join(config.stack.home, 'alertmanager'), alertmanagerPort, webhook);
  if (alertmanager) started.push(alertmanager);
  const prometheus = await startPrometheus(join(config.stack.home, 'prometheus'), prometheusPort, {
    jobs,
    ruleFiles: [committedRules],
    ...(alertmanager && { alertmanager: new URL(alertmanager.url).host }),
  });
  started.push(prometheus);
  console.log(banner(config, prometheus.url, alertmanager?.url));
  return prometheus;
}

function banner(config: MonitoringConfig, prometheus: string, alertmanager: string | undefined): string {
  const notified = config.webhookUrl ? `sent to ${new URL(config.webhookUrl).origin}` : 'printed here';
  return [
    '',
    `  Prometheus    ${prometheus}/alerts`,
    `  graph         ${prometheus}/graph?g0.expr=valerix%3Aresponse_time_seconds%3Aavg30s&g0.tab=0&g0.range_input=15m`,
    alertmanager
      ? `  Alertmanager  ${alertmanager}   alerts are ${notified}`
      : '  Alertmanager  not installed (Debian: prometheus-alertmanager); alerts are on the page of Prometheus only',
    '',
    `The data is in ${config.stack.home}/prometheus. docs/runbook.md says what to do about each alert.`,
    'To show alerts on the dashboard, start the system with',
    `  PROMETHEUS_URL=${prometheus} make up`,
    'Grafana comes with docker compose and Kubernetes. Ctrl-C stops this, not the system.',
    '',
  ].join('\n');
}

const program = commandLine('npx node monitoring/src/main.ts')
  .description(
    'Prometheus with the alerts of this repository, and Alertmanager where it is installed, against the system of "make up", until Ctrl-C.',
  )
  .addHelpText('after', VARIABLES)
  .action(async () => {
    try {
      await main();
    } catch (error) {
      const expected = error instanceof ConfigError || error instanceof PortInUse;
      console.error(expected ? error.message : error);
      process.exitCode = 1;
    }
  });
await carryOut(program);

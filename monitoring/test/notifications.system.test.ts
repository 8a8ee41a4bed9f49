import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startStack } from '@valerix/local-stack';
import { releasePorts, reservePorts } from '@valerix/local-stack/free-ports';
import { expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { startSink } from '../src/alertmanager-server.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');

/** Command lines that name the folder. */
const processesOf = (folder: string) =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(folder));

test('a service that dies is told to ALERT_WEBHOOK_URL, and Ctrl-C leaves no process of `make monitoring`', async () => {
  const told: string[] = [];
  const webhook = await startSink((line) => told.push(line));
  const ports = await reservePorts(2);
  const stack = await startStack({ services: ['inventory-service', 'order-service'] });
  const [prometheusPort, alertmanagerPort] = ports.map(String);
  const monitoring = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      VALERIX_HOME: stack.home,
      PROMETHEUS_PORT: prometheusPort,
      ALERTMANAGER_PORT: alertmanagerPort,
      ALERT_WEBHOOK_URL: webhook.url,
    },
  });
  const exit = once(monitoring, 'exit');
  let output = '';
  for (const stream of [monitoring.stdout, monitoring.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  try {
    await eventually(() => expect(output).toContain('Ctrl-C stops this, not the system.'), 30_000);
    expect(output).toContain(`alerts are sent to ${new URL(webhook.url).origin}`);
    expect(processesOf(join(stack.home, 'alertmanager'))).toHaveLength(1);

    await stack.process('inventory-service').hold();
    // The rule waits for 15 s, a group for 5 s; scrapes and rules run every 5 s.
    await eventually(
      () => expect(told).toContainEqual(expect.stringMatching(/^FIRING +ServiceDown \(page\): /)),
      60_000,
    );
    expect(told.join('\n')).toContain('inventory-service');
    expect(told.join('\n')).not.toContain('order-service');

    monitoring.kill('SIGINT');
    expect(await exit).toEqual([0, null]);
    const left = [...processesOf(join(stack.home, 'alertmanager')), ...processesOf(join(stack.home, 'prometheus'))];
    expect(left).toEqual([]);
  } finally {
    monitoring.kill('SIGTERM');
    await exit;
    await stack.stop();
    await webhook.stop();
    releasePorts(ports);
  }
});

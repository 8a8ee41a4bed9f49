import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findTool } from '@valerix/local-stack/machine/tools';
import { stringify } from 'yaml';
import { alertmanagerConfig } from './alertmanager-config.ts';
import { runChild, untilReady } from './child-process.ts';

export interface AlertmanagerServer {
  url: string;
  stop(): Promise<void>;
}

/** Starts Alertmanager with the committed routes. @returns undefined where it is not installed: it is optional */
export async function startAlertmanager(
  folder: string,
  port: number,
  webhookUrl: string,
): Promise<AlertmanagerServer | undefined> {
  const command = findTool('alertmanager');
  if (!command) return undefined;
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, 'alertmanager.yml');
  writeFileSync(configFile, stringify(alertmanagerConfig({ url: webhookUrl })), { mode: 0o600 });
  const child = runChild(command, [
    `--config.file=${configFile}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    // A single instance needs no gossip port.
    '--cluster.listen-address=',
    '--log.level=warn',
  ]);
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(child, `${url}/-/ready`);
  } catch (error) {
    await child.stop();
    throw new Error(`Alertmanager did not start: ${(error as Error).message}`);
  }
  return { url, stop: child.stop };
}

interface Notification {
  alerts: { status: string; labels: Record<string, string>; annotations: Record<string, string> }[];
}

/** A webhook that prints one line for each firing or resolved alert. */
export async function startSink(say: (line: string) => void): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    response.end();
    for (const { status, labels, annotations } of (JSON.parse(body) as Notification).alerts) {
      say(`${status.toUpperCase().padEnd(8)} ${labels.alertname} (${labels.severity}): ${annotations.description}`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

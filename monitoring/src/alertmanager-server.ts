import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findTool } from '@valerix/local-stack/machine/tools';
import { alertmanagerConfig } from './alertmanager-config.ts';
import { type RunningServer, startServer } from './child-process.ts';

/** Starts Alertmanager with the committed routes. @returns undefined where it is not installed: it is optional */
export async function startAlertmanager(
  folder: string,
  port: number,
  webhookUrl: string,
): Promise<RunningServer | undefined> {
  const command = findTool('alertmanager');
  if (!command) return undefined;
  const config = alertmanagerConfig({ url: webhookUrl });
  // An empty cluster address: a single instance needs no gossip port.
  const args = [`--storage.path=${join(folder, 'data')}`, '--cluster.listen-address='];
  return startServer({ name: 'Alertmanager', command, folder, config, port, args });
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

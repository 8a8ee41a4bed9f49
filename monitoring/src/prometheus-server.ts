import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureTool } from '@valerix/local-stack/machine/tools';
import { stringify } from 'yaml';
import { runChild, untilReady } from './child-process.ts';
import { repositoryRoot } from './generated-files.ts';
import { prometheusConfig, type ScrapeOptions } from './prometheus-config.ts';

/** The committed rules, whatever scrapes. */
export const committedRules = join(repositoryRoot, 'monitoring/prometheus/rules/*.yml');

export interface PrometheusServer {
  url: string;
  /** Resolves with its last words when it ends by itself. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

/** Starts a real Prometheus that keeps its data in `folder`; resolves when it answers queries. */
export async function startPrometheus(folder: string, port: number, scrape: ScrapeOptions): Promise<PrometheusServer> {
  const command = await ensureTool('prometheus', (text) => console.error(text));
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, 'prometheus.yml');
  writeFileSync(configFile, stringify(prometheusConfig(scrape)));
  const child = runChild(command, [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    // The longest window of an SLO is three days.
    '--storage.tsdb.retention.time=7d',
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ]);
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(child, `${url}/-/ready`);
  } catch (error) {
    await child.stop();
    throw new Error(`Prometheus did not start: ${(error as Error).message}`);
  }
  return { url, ended: child.ended, stop: child.stop };
}

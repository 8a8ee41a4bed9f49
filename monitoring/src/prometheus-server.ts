import { join } from 'node:path';
import { ensureTool } from '@valerix/local-stack/machine/tools';
import { type RunningServer, startServer } from './child-process.ts';
import { repositoryRoot } from './generated-files.ts';
import { prometheusConfig, type ScrapeOptions } from './prometheus-config.ts';

/** The committed rules. */
export const committedRules = join(repositoryRoot, 'monitoring/prometheus/rules/*.yml');

/** Starts a real Prometheus that keeps its data in `folder`; resolves when it answers queries. */
export async function startPrometheus(folder: string, port: number, scrape: ScrapeOptions): Promise<RunningServer> {
  const command = await ensureTool('prometheus', (text) => console.error(text));
  // Seven days: the longest window of an SLO is three.
  const args = [`--storage.tsdb.path=${join(folder, 'data')}`, '--storage.tsdb.retention.time=7d'];
  return startServer({ name: 'Prometheus', command, folder, config: prometheusConfig(scrape), port, args });
}

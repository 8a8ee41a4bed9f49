import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Check } from '@valerix/service-kit/health';
import { Lifecycle } from '@valerix/service-kit/lifecycle';
import { createLogger } from '@valerix/service-kit/logger';
import { createRegistry } from '@valerix/service-kit/metrics';
import { requireOperator } from '@valerix/service-kit/operator-auth';
import { gamedaysFolder } from '../run-folder/run-folder.ts';
import { createApp } from './app.ts';
import type { LabConfig } from './config.ts';
import { describeExperiments } from './experiments.ts';
import { createGamedays } from './gamedays.ts';
import { createRunProcess } from './run-process.ts';
import { createWatch } from './watch-run.ts';

export interface LaboratoryOptions {
  config: LabConfig;
  /** The command line that carries runs out. */
  cli: string;
  /** The environment of runs. */
  env: Record<string, string | undefined>;
}

const MAX_WATCHERS = 50;
/** Of the time to stop, what is left for the end of a run that would not end by itself. */
const LAST_RESORT_MS = 4_000;

/** Starts the laboratory: the one place where its parts meet. Resolves with its port when it listens. */
export async function startLaboratory({ config, cli, env }: LaboratoryOptions): Promise<number> {
  const service = 'laboratory';
  const { SHUTDOWN_GRACE_MS: graceMs } = config;
  const logger = createLogger({ service, replica: config.REPLICA, level: config.LOG_LEVEL });
  const lifecycle = new Lifecycle({ logger, graceMs, delayMs: 0 });
  lifecycle.handleSignals();

  const runs = gamedaysFolder(config.home);
  const patienceMs = Math.max(0, graceMs - LAST_RESORT_MS);
  const process = createRunProcess({ cli, runs, env, logger, patienceMs });
  const gamedays = createGamedays({ runs, experiments: describeExperiments(), process });
  const watch = createWatch({ runs, gamedays, maxWatchers: MAX_WATCHERS });
  const reports = folderCheck(runs);
  const app = createApp({
    health: {
      service,
      version: '0.1.0',
      lifecycle,
      registry: createRegistry(),
      ready: { reports },
      health: { reports },
    },
    logger,
    routes: { gamedays, runs, watch: watch.handler, operator: requireOperator(config.OPERATOR_TOKEN) },
  });

  // Before the server, which would wait for the streams to end.
  lifecycle.onStop('streams', () => watch.stop());
  lifecycle.onStop('game day', () => process.close());
  const port = await lifecycle.listen(createServer(app), config.PORT, config.HOST);
  lifecycle.ready();
  return port;
}

/** Runs can be written. */
function folderCheck(folder: string): Check {
  return {
    severity: 'down',
    async run() {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
      return undefined;
    },
  };
}

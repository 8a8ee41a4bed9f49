import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { jsonBody } from '@valerix/service-kit/body';
import type { Check } from '@valerix/service-kit/health';
import { startHttpProcess } from '@valerix/service-kit/http-process';
import { createServiceApp } from '@valerix/service-kit/service-app';
import { COMPANIONS } from '@valerix/system';
import { gamedaysFolder } from '../run-folder/run-folder.ts';
import { undoAbandoned } from '../undo/abandoned.ts';
import { type LabConfig, targetFlags } from './config.ts';
import { translateError } from './errors.ts';
import { describeExperiments } from './experiments.ts';
import { createGamedays } from './gamedays.ts';
import { openApiDocument } from './openapi.ts';
import { createRoutes } from './routes.ts';
import { createRunProcess } from './run-process.ts';
import { createWatch } from './watch-run.ts';

interface LaboratoryOptions {
  config: LabConfig;
  /** The program that carries out runs. */
  cli: string;
  /** The environment of runs. */
  env: Record<string, string | undefined>;
}

const MAX_WATCHERS = 50;
/** Reserved at the end of the grace period, to kill a run that does not end by itself. */
const LAST_RESORT_MS = 4_000;

/** The laboratory's composition root. Resolves with its port when it listens. */
export async function startLaboratory({ config, cli, env }: LaboratoryOptions): Promise<number> {
  const laboratory = startHttpProcess(COMPANIONS.laboratory.name, config);
  const { logger, lifecycle } = laboratory;

  const runs = gamedaysFolder(config.home);
  const patienceMs = Math.max(0, config.SHUTDOWN_GRACE_MS - LAST_RESORT_MS);
  const process = createRunProcess({ cli, flags: targetFlags(config), runs, env, logger, patienceMs });
  const gamedays = createGamedays({ runs, experiments: describeExperiments(config.GAMEDAY_TARGET), process });
  const watch = createWatch({ runs, gamedays, maxWatchers: MAX_WATCHERS });
  const reports = folderCheck(runs);
  const app = createServiceApp(laboratory, {
    checks: { ready: { reports }, health: { reports } },
    openApi: openApiDocument,
    bodies: { '/': jsonBody('16kb') },
    routes: createRoutes({ gamedays, runs, watch: watch.handler, operator: laboratory.operator }),
    translateError,
  });

  // Stop the streams before the server, which would wait for them to end.
  lifecycle.onStop('streams', () => watch.stop());
  lifecycle.onStop('game day', () => process.close());
  undoAbandoned(runs, env, (line, failed) => logger[failed ? 'warn' : 'info'](line)).catch((error) =>
    logger.warn({ err: error }, 'the steps of killed runs could not be undone'),
  );
  const port = await laboratory.listen(app);
  laboratory.ready();
  return port;
}

/** Checks that the folder of the runs is writable. */
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

import { join, resolve } from 'node:path';
import { httpProcessEnv, parseEnv, port, requireTokenInProduction } from '@valerix/service-kit/env';
import { COMPANIONS } from '@valerix/system';
import { z } from 'zod';

const schema = z
  .object({
    ...httpProcessEnv,
    // It starts processes on this machine, so nobody else's machine reaches it unless that is asked for.
    HOST: z.string().default('127.0.0.1'),
    PORT: port.default(COMPANIONS.laboratory.port),
    VALERIX_HOME: z.string().optional().describe('The folder in which `gameday/` holds the runs.'),
  })
  .superRefine(requireTokenInProduction);

export type LabConfig = ReturnType<typeof readLabConfig>;

/** The settings of the laboratory. @throws {ConfigError} listing every problem */
export function readLabConfig(env: Record<string, string | undefined> = process.env, cwd: string = process.cwd()) {
  const { VALERIX_HOME, ...config } = parseEnv(schema, env);
  const home = VALERIX_HOME ? resolve(cwd, VALERIX_HOME) : join(import.meta.dirname, '../../../.valerix');
  return { ...config, home };
}

/** What a run is given of this process's environment: all but the secrets and the address that are the laboratory's own. */
export function runEnv(env: Record<string, string | undefined> = process.env): Record<string, string | undefined> {
  const { OPERATOR_TOKEN: _token, PORT: _port, HOST: _host, REPLICA: _replica, ...rest } = env;
  return rest;
}

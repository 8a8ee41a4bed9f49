import { httpProcessEnv, parseEnv, port, requireTokenInProduction } from '@valerix/service-kit/env';
import { COMPANIONS } from '@valerix/system';
import { z } from 'zod';
import { readConfig } from '../config.ts';

const schema = z
  .object({
    ...httpProcessEnv,
    // It starts processes on this machine: by default, other machines must not reach it.
    HOST: z.string().default('127.0.0.1'),
    PORT: port.default(COMPANIONS.laboratory.port),
  })
  .superRefine(requireTokenInProduction);

export type LabConfig = ReturnType<typeof readLabConfig>;

/** The settings of the laboratory. @throws {ConfigError} listing every problem */
export function readLabConfig(env: Record<string, string | undefined> = process.env, cwd: string = process.cwd()) {
  const config = parseEnv(schema, env);
  return { ...config, home: readConfig(env, cwd).home };
}

/** The environment of a run: this process's, without the laboratory's own secrets and address. */
export function runEnv(env: Record<string, string | undefined> = process.env): Record<string, string | undefined> {
  const { OPERATOR_TOKEN: _token, PORT: _port, HOST: _host, REPLICA: _replica, ...rest } = env;
  return rest;
}

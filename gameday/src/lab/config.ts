import { httpProcessEnv, parseEnv, port, requireTokenInProduction } from '@valerix/service-kit/env';
import { COMPANIONS } from '@valerix/system';
import { z } from 'zod';
import { readConfig } from '../config.ts';

/** The settings, as docs/configuration.md lists them. */
export const schema = z
  .object({
    ...httpProcessEnv,
    // It starts processes on this machine: by default, other machines must not reach it.
    HOST: z.string().default('127.0.0.1').describe('The address to listen on.'),
    PORT: port.default(COMPANIONS.laboratory.port),
    GAMEDAY_TARGET: z
      .enum(['local', 'kubernetes'])
      .default('local')
      .describe('What its runs break: `local`, a fresh stack each, or `kubernetes`.'),
    GAMEDAY_NAMESPACE: z.string().default('valerix').describe('The namespace of the target `kubernetes`.'),
  })
  .superRefine(requireTokenInProduction);

export type LabConfig = ReturnType<typeof readLabConfig>;

/** The settings of the laboratory. @throws {ConfigError} listing every problem */
export function readLabConfig(env: Record<string, string | undefined> = process.env, cwd: string = process.cwd()) {
  const config = parseEnv(schema, env);
  return { ...config, home: readConfig(env, cwd).home };
}

/** The options of the command line that name the target of the laboratory's runs. */
export const targetFlags = ({ GAMEDAY_TARGET, GAMEDAY_NAMESPACE }: LabConfig): string[] =>
  GAMEDAY_TARGET === 'local' ? [] : ['--target', GAMEDAY_TARGET, '--namespace', GAMEDAY_NAMESPACE];

/** The environment of a run: this process's, without the laboratory's own secrets and address; a fresh stack has its own token and issuer. */
export function runEnv(
  { GAMEDAY_TARGET }: Pick<LabConfig, 'GAMEDAY_TARGET'>,
  env: Record<string, string | undefined> = process.env,
): Record<string, string | undefined> {
  const { OPERATOR_TOKEN, IDENTITY_URL, PORT: _port, HOST: _host, REPLICA: _replica, ...rest } = env;
  return GAMEDAY_TARGET === 'local' ? rest : { ...rest, OPERATOR_TOKEN, IDENTITY_URL };
}

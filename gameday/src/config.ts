import { join, resolve } from 'node:path';
import type { Env } from '@valerix/local-stack/config';
import { parseEnv } from '@valerix/service-kit/env';
import { z } from 'zod';

export type { Env };

/** The settings of a game day. */
export interface Config {
  env: Env;
  /** The folder `.valerix`: it holds reports, and the addresses of a running stack. */
  home: string;
}

const schema = z.object({ VALERIX_HOME: z.string().optional() });

/** @throws {ConfigError} listing every problem */
export function readConfig(env: Env = process.env, cwd: string = process.cwd()): Config {
  const { VALERIX_HOME } = parseEnv(schema, env);
  return { env, home: VALERIX_HOME ? resolve(cwd, VALERIX_HOME) : join(import.meta.dirname, '../../.valerix') };
}

import { join, resolve } from 'node:path';
import type { Env } from '@valerix/local-stack/config';
import { parseEnv } from '@valerix/service-kit/env';
import { z } from 'zod';

export type { Env };

export type Config = ReturnType<typeof readConfig>;

const schema = z.object({ VALERIX_HOME: z.string().optional() });

/**
 * The settings of a game day. `home` is the folder `.valerix`, with the reports and the addresses of a running stack.
 * @throws {ConfigError} listing every problem
 */
export function readConfig(env: Env = process.env, cwd: string = process.cwd()) {
  const { VALERIX_HOME } = parseEnv(schema, env);
  return { env, home: VALERIX_HOME ? resolve(cwd, VALERIX_HOME) : join(import.meta.dirname, '../../.valerix') };
}

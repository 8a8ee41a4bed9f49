import { join, resolve } from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

/** What the laboratory reads from its environment; the only place where it does. */
export interface Config {
  env: Env;
  /** The folder of `.valerix`, where reports go and where a running stack says how to reach it. */
  home: string;
  color: boolean;
  terminal: boolean;
}

export function readConfig(env: Env = process.env, cwd: string = process.cwd()): Config {
  return {
    env,
    home: env.VALERIX_HOME ? resolve(cwd, env.VALERIX_HOME) : join(import.meta.dirname, '../../.valerix'),
    // https://no-color.org
    color: process.stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    terminal: process.stderr.isTTY === true,
  };
}

import { userInfo } from 'node:os';
import { readEnvFile } from '../home/env-file.ts';
import { homeAt } from '../home/home.ts';

/** A system's addresses and its operator token, by variable. */
export type SystemEnv = Readonly<Record<string, string | undefined>>;

/** The addresses in `.valerix/env`. @throws Error when no stack has ever run there */
export function addressesOf(home: string): SystemEnv {
  const env: SystemEnv = readEnvFile(homeAt(home));
  if (!env.OPERATOR_TOKEN) throw new Error(`No stack has run in ${home}: it has no env file. "make up" starts one.`);
  return env;
}

/** The name of the user at this terminal, for the audit. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no name.
    return 'operator';
  }
}

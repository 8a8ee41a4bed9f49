import { join } from 'node:path';
import {
  addressesFor,
  COMPANION_KEYS,
  COMPANIONS,
  type CompanionKey,
  databaseUrlVariable,
  declaration,
  recordOf,
  SERVICE_KEYS,
  type ServiceKey,
  secretVariables,
  startWaves,
  urlVariable,
} from '@valerix/system';
import { type Env, type ProcessKey, processKeys, type StackEnv } from '../config.ts';

/** How a process is started: Node.js runs `main` in `folder`. It is ready when `/readyz` answers 200. */
export interface ProcessEntry {
  key: ProcessKey;
  name: string;
  folder: string;
  /** While this file does not exist, the process is skipped and a line says so. */
  main: string;
  /** A script that builds it before each start; it does nothing when no source has changed. */
  build?: string;
  /** Its variables, beside PORT, HOST and the parent's environment. */
  env: (stack: StackEnv, home: string) => Env;
}

/** How each companion differs from a service. */
const companions: Readonly<Record<CompanionKey, Pick<ProcessEntry, 'main' | 'build' | 'env'>>> = {
  dashboard: {
    main: 'server.ts',
    build: 'scripts/build.ts',
    env: (stack, home) => ({
      ...urlsOf(stack, processKeys),
      OPERATOR_TOKEN: stack.OPERATOR_TOKEN,
      HISTORY_FILE: join(home, 'chart-history.json'),
    }),
  },
  laboratory: {
    main: 'src/main.ts',
    // No address of this stack but the issuer's: the laboratory breaks stacks it starts itself.
    env: ({ OPERATOR_TOKEN, IDENTITY_URL }, home) => ({ VALERIX_HOME: home, OPERATOR_TOKEN, IDENTITY_URL }),
  },
};

/** Every declared process: each service after the services it calls, then the companions. */
export const processTable: readonly ProcessEntry[] = [
  ...SERVICE_KEYS.map(serviceEntry),
  ...COMPANION_KEYS.map((key) => ({ key, ...COMPANIONS[key], ...companions[key] })),
];

/** The processes that start together, wave after wave; they stop in reverse. Companions are in the last wave. */
export const processWaves: readonly (readonly ProcessKey[])[] = startWaves().map((wave, index, all) =>
  index === all.length - 1 ? [...wave, ...COMPANION_KEYS] : wave,
);

/** The entry of a process by its name in records and logs, where replicas end in a number. */
export function entryNamed(name: string): ProcessEntry | undefined {
  const kind = name.replace(/-\d+$/, '');
  return processTable.find((entry) => entry.name === kind);
}

function serviceEntry(key: ServiceKey): ProcessEntry {
  const { name } = declaration(key);
  return {
    key,
    name,
    folder: name,
    main: 'src/main.ts',
    env: (stack) => ({
      DATABASE_URL: stack[databaseUrlVariable(key)],
      REDIS_URL: stack.REDIS_URL,
      OPERATOR_TOKEN: stack.OPERATOR_TOKEN,
      ...recordOf(secretVariables(key), (name) => stack[name]),
      ...urlsOf(stack, addressesFor(key)),
    }),
  };
}

const urlsOf = (stack: StackEnv, keys: readonly ProcessKey[]): Env =>
  Object.fromEntries(keys.map((key) => [urlVariable(key), stack[urlVariable(key)]]));

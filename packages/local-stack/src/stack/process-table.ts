import {
  COMPANION_KEYS,
  COMPANIONS,
  type CompanionKey,
  databaseUrlVariable,
  declaration,
  SERVICE_KEYS,
  type ServiceKey,
  startWaves,
  urlVariable,
} from '@valerix/system';
import { type Env, type ProcessKey, processKeys, type StackEnv } from '../config.ts';

/** How one process of Valerix is started. Node.js runs `main` in `folder`; the process is ready when `/readyz` answers 200. */
export interface ProcessEntry {
  key: ProcessKey;
  name: string;
  folder: string;
  /** The process is skipped, with a line that says so, while this file does not exist. */
  main: string;
  /** A script that builds it before it is started; it does nothing when nothing has changed. */
  build?: string;
  /** What it is told beside PORT, HOST and the parent's environment. */
  env: (stack: StackEnv, home: string) => Env;
}

/** What is special about each companion. */
const companions: Readonly<Record<CompanionKey, Pick<ProcessEntry, 'main' | 'build' | 'env'>>> = {
  dashboard: {
    main: 'server.ts',
    build: 'scripts/build.ts',
    env: (stack) => ({
      ...urlsOf(stack, processKeys),
      OPERATOR_TOKEN: stack.OPERATOR_TOKEN,
    }),
  },
  laboratory: {
    main: 'src/lab/main.ts',
    // No address of this stack: what it breaks is a stack of its own.
    env: ({ OPERATOR_TOKEN }, home) => ({ VALERIX_HOME: home, OPERATOR_TOKEN }),
  },
};

/** Every process that the system declares: a called service before its callers, then the companions. */
export const processTable: readonly ProcessEntry[] = [
  ...SERVICE_KEYS.map(serviceEntry),
  ...COMPANION_KEYS.map((key) => ({ key, ...COMPANIONS[key], ...companions[key] })),
];

/** What starts together, wave after wave; it stops the other way round. Companions come with the last services. */
export const processWaves: readonly (readonly ProcessKey[])[] = startWaves().map((wave, index, all) =>
  index === all.length - 1 ? [...wave, ...COMPANION_KEYS] : wave,
);

/** The entry of a process by its name in records and logs; replicas have a number behind the name. */
export function entryNamed(name: string): ProcessEntry | undefined {
  const kind = name.replace(/-\d+$/, '');
  return processTable.find((entry) => entry.name === kind);
}

function serviceEntry(key: ServiceKey): ProcessEntry {
  const { name, calls } = declaration(key);
  return {
    key,
    name,
    folder: name,
    main: 'src/main.ts',
    env: (stack) => ({
      DATABASE_URL: stack[databaseUrlVariable(key)],
      REDIS_URL: stack.REDIS_URL,
      OPERATOR_TOKEN: stack.OPERATOR_TOKEN,
      ...urlsOf(stack, calls),
    }),
  };
}

const urlsOf = (stack: StackEnv, keys: readonly ProcessKey[]): Env =>
  Object.fromEntries(keys.map((key) => [urlVariable(key), stack[urlVariable(key)]]));

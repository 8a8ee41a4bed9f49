import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  COMPANION_KEYS,
  type CompanionKey,
  databaseUrlVariable,
  perService,
  recordOf,
  type ServiceKey,
} from '@valerix/system';
import { STACK_SECRETS, type StackEnv, type StackSecrets } from '../config.ts';
import { readEnvFile, writeEnvFile } from '../home/env-file.ts';
import { type Home, keptSecret, randomSecret } from '../home/home.ts';
import { markUp } from '../home/home-lock.ts';
import type { PostgresHandle } from '../servers/postgres-server.ts';
import type { ProcessHandle } from '../servers/supervised-process.ts';
import { openHome } from './servers.ts';
import { type PlanOptions, planStack, type StackPlan, urlsOf } from './stack-plan.ts';
import { type RunOptions, StackRun, StartAborted } from './stack-run.ts';

export interface StackOptions extends PlanOptions, RunOptions {
  /** The folder for all files. Default: a new temporary folder, deleted by `stop`. */
  home?: string;
  /** Those that are not given are kept from the last start, or new. */
  secrets?: Partial<StackSecrets>;
}

export interface Stack {
  home: string;
  /** The addresses of each service's replicas and of its database; none of an optional service that was not asked for. */
  services: Record<ServiceKey, { urls: string[]; databaseUrl: string }>;
  companions: Record<CompanionKey, { urls: string[] }>;
  redisUrl: string;
  operatorToken: string;
  /** The contents of `.valerix/env`. */
  env: StackEnv;
  /** One line for each requested process that does not run, with the reason. */
  skipped: string[];
  /** Reading this or `redis` throws if the stack uses a server it did not start. */
  postgres: PostgresHandle;
  redis: ProcessHandle;
  /** A process by its declared name (`-2` after it for the second replica), or `redis`. @throws Error for an unknown name */
  process(name: string): ProcessHandle;
  /** The output of a process so far; the oldest lines are dropped after some 20 MB. */
  logs(name: string): string;
  /** Drains and stops everything in order. Resolves when every process has ended. */
  stop(): Promise<void>;
  /** Kills everything at once. */
  forceStop(): Promise<void>;
}

/**
 * Starts PostgreSQL and Redis, runs the migrations, starts the services; resolves when all are ready.
 * @throws AlreadyRunning, PortInUse, StartFailure, or another Error; by then every process is stopped again
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { home, close } = await openHome(options);
  try {
    const kept = readEnvFile(home);
    const secrets = recordOf(STACK_SECRETS, (name) => options.secrets?.[name] ?? kept[name] ?? randomSecret());
    const plan = await planStack({ ...options, home: home.path }, keptSecret(home.passwordFile), secrets);
    const run = await startRun(home, plan, options);
    return stackHandle(home.path, plan, run, async (how) => {
      await how();
      plan.release();
      close();
    });
  } catch (error) {
    close();
    throw error;
  }
}

async function startRun(home: Home, plan: StackPlan, options: StackOptions): Promise<StackRun> {
  const run = new StackRun(home, plan, options);
  const giveUp = (): void => void run.stop();
  options.signal?.addEventListener('abort', giveUp);
  try {
    if (options.signal?.aborted) throw new StartAborted();
    await run.start();
    writeEnvFile(home, plan.env);
    markUp(home);
    return run;
  } catch (error) {
    await run.stop();
    plan.release();
    // After an abort, any failure is a consequence of stopping.
    throw options.signal?.aborted ? new StartAborted() : error;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
}

function stackHandle(
  home: string,
  plan: StackPlan,
  run: StackRun,
  stop: (how: () => Promise<void>) => Promise<void>,
): Stack {
  return {
    home,
    services: perService((key) => ({ urls: urlsOf(plan, key), databaseUrl: plan.env[databaseUrlVariable(key)] ?? '' })),
    companions: recordOf(COMPANION_KEYS, (key) => ({ urls: urlsOf(plan, key) })),
    redisUrl: plan.env.REDIS_URL,
    operatorToken: plan.env.OPERATOR_TOKEN,
    env: plan.env,
    skipped: plan.skipped,
    get postgres() {
      return run.postgres;
    },
    get redis() {
      return run.redis;
    },
    process: (name) => run.process(name),
    logs: (name) => logText(join(home, 'logs', `${name}.log`)),
    stop: () => stop(() => run.stop()),
    forceStop: () => stop(() => run.forceStop()),
  };
}

function logText(file: string): string {
  return [`${file}.1`, file].map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')).join('');
}

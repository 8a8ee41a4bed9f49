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
import type { StackEnv } from '../config.ts';
import { readEnvFile, writeEnvFile } from '../home/env-file.ts';
import { type Home, keptSecret, randomSecret } from '../home/home.ts';
import { markUp } from '../home/home-lock.ts';
import { type PostgresHandle, postgresHandle } from '../servers/postgres-server.ts';
import { type RedisHandle, redisHandle } from '../servers/redis-server.ts';
import type { SupervisedProcess } from '../servers/supervised-process.ts';
import { openHome } from './servers.ts';
import { httpUrl, type PlanOptions, planStack, type StackPlan, urlsOf } from './stack-plan.ts';
import { type RunOptions, StackRun, StartAborted } from './stack-run.ts';

export interface StackOptions extends PlanOptions, RunOptions {
  /** The folder to keep everything in. Absent: a new one in the temporary folder, deleted by `stop`. */
  home?: string;
  /** Leave the temporary home where it is, to look into it. */
  keep?: boolean;
  operatorToken?: string;
}

/** One process of a running stack, as tests and game days break it. */
export interface ProcessHandle {
  readonly name: string;
  readonly pid: number | undefined;
  readonly url: string;
  /** Sends a signal to the process and all it started. After a SIGKILL, resolves when it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** SIGTERM, then SIGKILL after 15 s; it stays down until `start`. */
  stop(): Promise<void>;
  /** SIGKILL; it stays down until `start`. */
  hold(): Promise<void>;
  /** Starts it, if it does not run, and waits until it is ready. */
  start(): Promise<void>;
  /** Waits until it is ready, restarts included. */
  untilReady(limitMs?: number): Promise<void>;
}

export interface Stack {
  home: string;
  /** Of each service, the addresses of its replicas and of its database. */
  services: Record<ServiceKey, { urls: string[]; databaseUrl: string }>;
  companions: Record<CompanionKey, { urls: string[] }>;
  redisUrl: string;
  operatorToken: string;
  /** What `.valerix/env` says. */
  env: StackEnv;
  /** Why processes that were asked for do not run. */
  skipped: string[];
  /** Throw when the server is not the stack's own. */
  postgres: PostgresHandle;
  redis: RedisHandle;
  /** A process by name: a declared one, with `-2` behind it for the second replica, or `redis`. @throws Error for a name that is not there. */
  process(name: string): ProcessHandle;
  /** What a process wrote so far; the oldest lines are dropped after some 20 MB. */
  logs(name: string): string;
  /** Drains and stops everything in order. Resolves when no process is left. */
  stop(): Promise<void>;
  /** Kills everything at once. */
  forceStop(): Promise<void>;
}

/**
 * Starts the whole system with real processes: PostgreSQL, Redis, migrations, services; resolves when all are ready.
 * @throws AlreadyRunning, PortInUse, StartFailure, or Error in words; nothing is left running then.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { home, close } = await openHome(options);
  try {
    const token = options.operatorToken ?? readEnvFile(home).OPERATOR_TOKEN ?? randomSecret();
    const plan = await planStack({ ...options, home: home.path }, keptSecret(home.passwordFile), token);
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
    // Whatever broke first, broke because it was told to stop.
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
    services: perService((key) => ({ urls: urlsOf(plan, key), databaseUrl: plan.env[databaseUrlVariable(key)] })),
    companions: recordOf(COMPANION_KEYS, (key) => ({ urls: urlsOf(plan, key) })),
    redisUrl: plan.env.REDIS_URL,
    operatorToken: plan.env.OPERATOR_TOKEN,
    env: plan.env,
    skipped: plan.skipped,
    get postgres() {
      return postgresHandle(run.postgres);
    },
    get redis() {
      return redisHandle(run.redis);
    },
    process: (name) => processHandle(run.process(name)),
    logs: (name) => logText(join(home, 'logs', `${name}.log`)),
    stop: () => stop(() => run.stop()),
    forceStop: () => stop(() => run.forceStop()),
  };
}

function processHandle(supervised: SupervisedProcess): ProcessHandle {
  return {
    name: supervised.spec.name,
    url: httpUrl(supervised.spec.port),
    get pid() {
      return supervised.pid;
    },
    kill: (signal) => supervised.kill(signal),
    stop: () => supervised.stop(),
    hold: () => supervised.stop(0),
    start: () => supervised.start(),
    untilReady: (limitMs) => supervised.untilReady(limitMs),
  };
}

function logText(file: string): string {
  return [`${file}.1`, file].map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')).join('');
}

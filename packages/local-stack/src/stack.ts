import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Env, type GivenUrls, type Ports, portTable } from './config.ts';
import { readEnvFile, writeEnvFile } from './env-file.ts';
import { type Home, keptSecret, randomSecret } from './home.ts';
import { markUp } from './home-lock.ts';
import { type PostgresHandle, postgresHandle } from './postgres-server.ts';
import type { ServiceKey, ServiceName, StackEnv } from './process-table.ts';
import { type RedisHandle, redisHandle } from './redis-server.ts';
import { openHome } from './servers.ts';
import { httpUrl, planStack, type StackPlan } from './stack-plan.ts';
import { StackRun, StartAborted } from './stack-run.ts';
import type { SupervisedProcess } from './supervised-process.ts';

export interface StackOptions {
  /** The folder to keep everything in. Absent: a new one in the temporary folder, deleted by `stop`. */
  home?: string;
  /** Leave the temporary home where it is, to look into it. */
  keep?: boolean;
  /** Exact ports. Absent, as in tests: free ones, different in every stack. */
  ports?: Ports;
  /** The default ports, shifted. */
  portOffset?: number;
  /** How many of each; 1 unless said. */
  replicas?: Partial<Record<ServiceKey, number>>;
  /** Variables for the services of a kind, over those they get anyway. */
  env?: Partial<Record<ServiceKey, Env>>;
  /** Which services; both without dashboard and laboratory unless said. */
  services?: readonly ServiceName[];
  /** Start processes again that die by themselves; true unless said. */
  restart?: boolean;
  /** Servers of others to use instead of own ones. */
  given?: GivenUrls;
  operatorToken?: string;
  /** Each line of each process's log. */
  onLine?: (name: string, line: string) => void;
  /** What happens to a process, in words. */
  onNotice?: (name: string, text: string) => void;
  /** Aborted: the start is given up and undone. */
  signal?: AbortSignal;
}

/** One process of a running stack, for whoever wants to break it. */
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
  untilReady(limit_ms?: number): Promise<void>;
}

export interface Stack {
  home: string;
  urls: Record<ServiceKey, string[]>;
  orderDatabaseUrl: string;
  inventoryDatabaseUrl: string;
  redisUrl: string;
  operatorToken: string;
  /** What `.valerix/env` says. */
  env: StackEnv;
  /** Why services of the process table do not run. */
  skipped: string[];
  /** Throw when the server is not the stack's own. */
  postgres: PostgresHandle;
  redis: RedisHandle;
  /** A process by name: `order-service`, `order-service-2`, `redis`, … @throws Error for a name that is not there. */
  process(name: string): ProcessHandle;
  /** What a process wrote so far; the oldest lines are dropped after some 20 MB. */
  logs(name: string): string;
  /** Drains and stops everything in order. Resolves when no process is left. */
  stop(): Promise<void>;
  /** Kills everything at once, for somebody who cannot wait. */
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
    const ports = options.ports ?? shiftedPorts(options.portOffset);
    const services = options.services ?? ['inventory-service', 'order-service'];
    const plan = await planStack(
      { ...options, ports, services, home: home.path },
      keptSecret(home.passwordFile),
      token,
    );
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
    urls: {
      order: urlsOf(plan, 'order'),
      inventory: urlsOf(plan, 'inventory'),
      dashboard: urlsOf(plan, 'dashboard'),
      laboratory: urlsOf(plan, 'laboratory'),
    },
    orderDatabaseUrl: plan.env.ORDER_DATABASE_URL,
    inventoryDatabaseUrl: plan.env.INVENTORY_DATABASE_URL,
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
    untilReady: (limit_ms) => supervised.untilReady(limit_ms),
  };
}

function shiftedPorts(offset: number | undefined): Ports | undefined {
  if (offset === undefined) return undefined;
  const shifted = Object.entries(portTable).map(([key, { port }]) => [key, port + offset]);
  return Object.fromEntries(shifted) as Ports;
}

function urlsOf(plan: StackPlan, key: ServiceKey): string[] {
  return plan.processes.filter(({ entry }) => entry.key === key).map(({ port }) => httpUrl(port));
}

function logText(file: string): string {
  return [`${file}.1`, file].map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')).join('');
}

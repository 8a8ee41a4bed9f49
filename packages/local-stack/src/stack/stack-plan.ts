import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  COMPANION_KEYS,
  type CompanionKey,
  databaseUrlVariable,
  declaration,
  MANDATORY_KEYS,
  SERVICE_KEYS,
  type ServiceKey,
  urlVariable,
} from '@valerix/system';
import {
  type Env,
  type GivenUrls,
  type Ports,
  type ProcessKey,
  portsOf,
  portTable,
  processKeys,
  repoRoot,
  type StackEnv,
  type StackSecrets,
} from '../config.ts';
import { releasePorts, reservePorts } from '../machine/free-ports.ts';
import { postgresUrl } from '../servers/postgres-url.ts';
import { redisUrl } from '../servers/redis-server.ts';
import { type ProcessEntry, processTable } from './process-table.ts';

export interface PlanOptions {
  /** Exact ports. Default, as in tests: free ports, different in every stack. */
  ports?: Ports;
  /** Addresses of running servers to use instead of starting them. */
  given?: GivenUrls;
  /** The services to start. Default: all. */
  services?: readonly ServiceKey[];
  /** The companions to start. Default: none. */
  companions?: readonly CompanionKey[];
  /** How many replicas of each. Default: 1. */
  replicas?: Partial<Record<ProcessKey, number>>;
  /** The folder of the stack. */
  home?: string;
}

export interface PlannedProcess {
  /** The declared name; from the second replica on it ends in a number: `-2`. */
  name: string;
  entry: ProcessEntry;
  port: number;
}

/** Processes, ports and addresses of a stack, decided before any process starts. */
export interface StackPlan {
  ports: Ports;
  processes: PlannedProcess[];
  /** One line for each requested process that is not in `processes`, with the reason. */
  skipped: string[];
  env: StackEnv;
  /** The addresses of used servers that this stack does not start, by variable. */
  outside: GivenUrls;
  home: string;
  release: () => void;
}

/** Decides ports, addresses and processes. The ports stay reserved until `release`. */
export async function planStack(options: PlanOptions, password: string, secrets: StackSecrets): Promise<StackPlan> {
  const reserved: number[] = [];
  const reserve = async (count: number): Promise<number[]> => {
    const found = await reservePorts(count);
    reserved.push(...found);
    return found;
  };
  const free = options.ports ? [] : await reserve(Object.keys(portTable).length);
  const ports = options.ports ?? portsOf(() => free.pop() as number);
  const own = ownEnv(ports, password, secrets);
  const outside = outsideUrls(options.given ?? {}, own);
  const { entries, skipped } = chooseProcesses(options, outside);
  const processes: PlannedProcess[] = [];
  for (const entry of entries) {
    const count = options.replicas?.[entry.key] ?? 1;
    const all = [ports[entry.key], ...(await reserve(Math.max(0, count - 1)))].slice(0, count);
    processes.push(...all.map((port, index) => ({ name: replicaName(entry.name, index), entry, port })));
  }
  const env: Partial<StackEnv> = { ...own, ...outside };
  // A process that is told of no payment service or laboratory offers none.
  const absent = [...COMPANION_KEYS, ...OPTIONAL_KEYS].filter((key) => !entries.some((entry) => entry.key === key));
  for (const name of absent.flatMap(addressVariables)) if (!outside[name]) delete env[name];
  const home = options.home ?? '';
  return { ports, processes, skipped, env: env as StackEnv, outside, home, release: () => releasePorts(reserved) };
}

/**
 * The given addresses that are not the stack's own: in a shell that sourced `.valerix/env`, `make up` starts this
 * stack again instead of expecting its servers to run.
 */
export function outsideUrls(given: GivenUrls, own: StackEnv): GivenUrls {
  return Object.fromEntries(Object.entries(given).filter(([name, url]) => url !== own[name as keyof GivenUrls]));
}

/** The environment of a process: the parent's variables, its addresses, then the variables the caller adds. */
export function serviceEnv(plan: StackPlan, planned: PlannedProcess, parent: Env, added: Env = {}): Env {
  const { NODE_ENV, ...inherited } = parent;
  const index = plan.processes.filter(({ entry }) => entry === planned.entry).indexOf(planned);
  return {
    ...inherited,
    // A test runner's NODE_ENV=test is not meant for the processes it tests.
    ...(NODE_ENV && NODE_ENV !== 'test' ? { NODE_ENV } : {}),
    ...planned.entry.env({ ...plan.env, ...calledBy(plan, index) }, plan.home),
    // The same after a restart: a replica's death shows as a later start under its name.
    REPLICA: planned.name,
    PORT: String(planned.port),
    HOST: '127.0.0.1',
    ...added,
  };
}

export const httpUrl = (port: number): string => `http://127.0.0.1:${port}`;

/** The addresses of a process's replicas, in order. */
export const urlsOf = (plan: StackPlan, key: ProcessKey): string[] =>
  plan.processes.filter(({ entry }) => entry.key === key).map(({ port }) => httpUrl(port));

// Replicas of a caller are spread over the replicas of the called service, in turn.
function calledBy(plan: StackPlan, index: number): Partial<StackEnv> {
  const called = SERVICE_KEYS.map((key) => {
    const urls = urlsOf(plan, key);
    return [urlVariable(key), urls[index % urls.length] ?? plan.env[urlVariable(key)]];
  });
  return Object.fromEntries(called) as Partial<StackEnv>;
}

const OPTIONAL_KEYS = SERVICE_KEYS.filter((key) => !MANDATORY_KEYS.includes(key));
const addressVariables = (key: ProcessKey) => [urlVariable(key), databaseUrlVariable(key as ServiceKey)];

const replicaName = (name: string, index: number): string => (index === 0 ? name : `${name}-${index + 1}`);

function chooseProcesses(options: PlanOptions, outside: GivenUrls): { entries: ProcessEntry[]; skipped: string[] } {
  const wanted: readonly ProcessKey[] = [...(options.services ?? SERVICE_KEYS), ...(options.companions ?? [])];
  const skipped: string[] = [];
  const entries = processTable.filter(({ key, name, folder, main }) => {
    if (!wanted.includes(key)) return false;
    const url = urlVariable(key);
    const file = join(folder, main);
    if (outside[url]) skipped.push(`${name} is not started: ${url} says to use ${outside[url]}.`);
    else if (!existsSync(join(repoRoot, file))) skipped.push(`${name} is skipped: no ${file} yet.`);
    else return true;
    return false;
  });
  return { entries, skipped };
}

function ownEnv(ports: Ports, password: string, secrets: StackSecrets): StackEnv {
  const databaseUrl = (key: ServiceKey) => postgresUrl(password, ports.postgres, declaration(key).database);
  return {
    ...Object.fromEntries(processKeys.map((key) => [urlVariable(key), httpUrl(ports[key])])),
    ...Object.fromEntries(SERVICE_KEYS.map((key) => [databaseUrlVariable(key), databaseUrl(key)])),
    REDIS_URL: redisUrl(ports.redis),
    ...secrets,
  } as StackEnv;
}

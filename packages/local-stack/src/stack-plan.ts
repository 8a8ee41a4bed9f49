import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Env, type GivenUrls, type Ports, portTable, repoRoot } from './config.ts';
import { releasePorts, reservePorts } from './free-ports.ts';
import { postgresUrl } from './postgres-url.ts';
import { type ServiceEntry, type ServiceKey, type ServiceName, type StackEnv, serviceTable } from './process-table.ts';
import { redisUrl } from './redis-server.ts';

export interface PlanOptions {
  /** Exact ports; absent: free ones. */
  ports?: Ports;
  given?: GivenUrls;
  services?: readonly ServiceName[];
  replicas?: Partial<Record<ServiceKey, number>>;
  /** The folder of the stack. */
  home?: string;
}

export interface PlannedProcess {
  /** `order-service`, `order-service-2`, … */
  name: string;
  entry: ServiceEntry;
  port: number;
}

/** What is going to run where, decided before anything is started. */
export interface StackPlan {
  ports: Ports;
  processes: PlannedProcess[];
  /** Why services of the table are not among the processes: one line each. */
  skipped: string[];
  env: StackEnv;
  /** The servers of others that are used: by variable. */
  outside: GivenUrls;
  home: string;
  release: () => void;
}

/** Decides ports, addresses and processes. The ports stay reserved until `release`. */
export async function planStack(options: PlanOptions, password: string, operatorToken: string): Promise<StackPlan> {
  const reserved: number[] = [];
  const reserve = async (count: number): Promise<number[]> => {
    const found = await reservePorts(count);
    reserved.push(...found);
    return found;
  };
  const ports = options.ports ?? portsFrom(await reserve(Object.keys(portTable).length));
  const own = ownAddresses(ports, password, operatorToken);
  const outside = outsideUrls(options.given ?? {}, own);
  const { entries, skipped } = chooseServices(options, outside);
  const processes: PlannedProcess[] = [];
  for (const entry of entries) {
    const count = options.replicas?.[entry.key] ?? 1;
    const all = [ports[entry.key], ...(await reserve(Math.max(0, count - 1)))].slice(0, count);
    processes.push(...all.map((port, index) => ({ name: replicaName(entry.name, index), entry, port })));
  }
  const env = { ...own, ...outside };
  // Where nobody listens, nobody is to be sent: the dashboard says then that there is no laboratory.
  if (!outside.LABORATORY_URL && !entries.some(({ key }) => key === 'laboratory')) delete env.LABORATORY_URL;
  const home = options.home ?? '';
  return { ports, processes, skipped, env, outside, home, release: () => releasePorts(reserved) };
}

/**
 * The given addresses that are not the stack's own. Somebody who has sourced `.valerix/env` and then runs `make up`
 * means this very stack, not a server that is already there.
 */
export function outsideUrls(given: GivenUrls, own: StackEnv): GivenUrls {
  const foreign = Object.entries(given).filter(([name, url]) => url !== own[name as keyof GivenUrls]);
  return Object.fromEntries(foreign);
}

/** What a process is told: the parent's environment, its addresses, and what the caller adds. */
export function serviceEnv(plan: StackPlan, planned: PlannedProcess, parent: Env, added: Env = {}): Env {
  const { NODE_ENV, ...inherited } = parent;
  const index = plan.processes.filter(({ entry }) => entry === planned.entry).indexOf(planned);
  return {
    ...inherited,
    // A test runner's own NODE_ENV is not meant for the processes it tests.
    ...(NODE_ENV && NODE_ENV !== 'test' ? { NODE_ENV } : {}),
    ...planned.entry.env({ ...plan.env, INVENTORY_URL: inventoryFor(plan, index) }, plan.home),
    PORT: String(planned.port),
    HOST: '127.0.0.1',
    ...added,
  };
}

export const httpUrl = (port: number): string => `http://127.0.0.1:${port}`;

// With several replicas of both, each order-service asks its own inventory-service, in turn.
function inventoryFor(plan: StackPlan, index: number): string {
  const replicas = plan.processes.filter(({ entry }) => entry.key === 'inventory');
  const chosen = replicas[index % replicas.length];
  return chosen ? httpUrl(chosen.port) : plan.env.INVENTORY_URL;
}

const replicaName = (name: string, index: number): string => (index === 0 ? name : `${name}-${index + 1}`);

function chooseServices(options: PlanOptions, outside: GivenUrls): { entries: ServiceEntry[]; skipped: string[] } {
  const wanted = serviceTable.filter(({ name }) => options.services?.includes(name) ?? true);
  const skipped: string[] = [];
  const entries = wanted.filter((entry) => {
    const address = outside[entry.url];
    if (address) skipped.push(`${entry.name} is not started: ${entry.url} says to use ${address}.`);
    else if (!existsSync(join(repoRoot, entry.needs))) skipped.push(`${entry.name} is skipped: no ${entry.needs} yet.`);
    else return true;
    return false;
  });
  return { entries, skipped };
}

function portsFrom(found: readonly number[]): Ports {
  const keys = Object.keys(portTable) as (keyof Ports)[];
  return Object.fromEntries(keys.map((key, index) => [key, found[index]])) as unknown as Ports;
}

function ownAddresses(ports: Ports, password: string, operatorToken: string): StackEnv {
  return {
    ORDER_URL: httpUrl(ports.order),
    INVENTORY_URL: httpUrl(ports.inventory),
    DASHBOARD_URL: httpUrl(ports.dashboard),
    LABORATORY_URL: httpUrl(ports.laboratory),
    ORDER_DATABASE_URL: postgresUrl(password, ports.postgres, 'order_db'),
    INVENTORY_DATABASE_URL: postgresUrl(password, ports.postgres, 'inventory_db'),
    REDIS_URL: redisUrl(ports.redis),
    OPERATOR_TOKEN: operatorToken,
  };
}

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { trySignal } from '@valerix/local-stack/machine/after-crash';
import { SERVICE_COMMAND } from './service-process.ts';

/** Runs what follows as process 1 of a namespace of its own, which ends with it. */
const NAMESPACE = ['unshare', '--pid', '--fork', '--kill-child'];

/** False where this user may not make one. */
const hasNamespaces = spawnSync(NAMESPACE[0] as string, [...NAMESPACE.slice(1), 'true']).status === 0;

const namespace = hasNamespaces ? NAMESPACE : [];
const parent = join(import.meta.dirname, '../../packages/service-kit/src/process-one.sh');

/** The entry point of a service's image around a command. Without namespaces it is an ordinary process. */
export const inContainer = (...command: string[]): string[] => [...namespace, '/bin/sh', parent, ...command];

/** A service as its image starts it. */
export const CONTAINER = inContainer(...SERVICE_COMMAND);

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return (stdout.match(/\d+/g) ?? []).map(Number);
}

/** The process ids in a container, as seen from here: process 1, then its child. @throws Error when there are not both */
export function pidsOf(started: number): [processOne: number, service: number] {
  const child = (pid: number) => {
    const [found] = childrenOf(pid);
    if (found === undefined) throw new Error(`The process ${pid} has no child.`);
    return found;
  };
  const processOne = hasNamespaces ? child(started) : started;
  return [processOne, child(processOne)];
}

/** Kills every process of a container, parents first: without a namespace, the service would outlive process 1. */
export function killContainer(started: number): void {
  const pids = [started];
  for (const pid of pids) pids.push(...childrenOf(pid));
  for (const pid of pids) trySignal(pid, 'SIGKILL');
}

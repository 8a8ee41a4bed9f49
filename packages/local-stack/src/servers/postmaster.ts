import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { trySignal } from '../machine/after-crash.ts';
import { commandLine, processIdentity } from '../machine/process-identity.ts';
import { waitUntil } from '../machine/wait-until.ts';

const pidFile = (data: string): string => join(data, 'postmaster.pid');

/** The pid of the postmaster running on this data; undefined when none runs, even if a pid file names one. */
export function postmasterPid(data: string): number | undefined {
  const pid = writtenPid(data);
  if (pid === undefined || processIdentity(pid) === undefined) return undefined;
  // A process that reused the pid was not started with this data folder.
  return `${commandLine(pid)} `.includes(` -D ${data} `) ? pid : undefined;
}

/**
 * Removes the pid file of a killed postmaster. PostgreSQL does so itself unless another process has reused the pid:
 * then it would refuse to start.
 */
export function removeStalePidFile(data: string): void {
  const pid = writtenPid(data);
  if (pid === undefined) return;
  // If the pid belongs to any postgres, PostgreSQL's own check decides.
  if (!commandLine(pid)?.includes('postgres')) rmSync(pidFile(data), { force: true });
}

// The signals of `pg_ctl stop -m …` (pg_ctl-ref). Sent from here, because pg_ctl would send them to a reused pid.
const signals = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

/** Stops the postmaster of this data, if one runs, and waits until it has ended. `fast` turns `immediate` after 30 s. */
export async function stopPostmaster(data: string, mode: 'fast' | 'immediate'): Promise<void> {
  const pid = postmasterPid(data);
  if (pid === undefined) return removeStalePidFile(data);
  const ended = () => waitUntil(30_000, 20, () => postmasterPid(data) === undefined);
  trySignal(pid, signals[mode]);
  if (await ended()) return;
  trySignal(pid, signals.immediate);
  if (!(await ended())) throw new Error(`PostgreSQL (pid ${pid}) does not stop.`);
}

function writtenPid(data: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile(data), 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trySignal } from '../machine/after-crash.ts';
import { commandLine, processIdentity } from '../machine/process-identity.ts';

const pidFile = (data: string): string => join(data, 'postmaster.pid');

/** The pid of the postmaster that runs on this data, undefined when none does, whatever its pid file says. */
export function postmasterPid(data: string): number | undefined {
  const pid = writtenPid(data);
  if (pid === undefined || processIdentity(pid) === undefined) return undefined;
  // A recycled pid belongs to somebody who was not started with this data folder.
  return `${commandLine(pid)} `.includes(` -D ${data} `) ? pid : undefined;
}

/**
 * Removes the pid file of a postmaster that was killed. PostgreSQL does so itself, except when another process
 * has the pid by now: then it would refuse to start.
 */
export function removeStalePidFile(data: string): void {
  const pid = writtenPid(data);
  if (pid === undefined) return;
  // Any postgres may be the one: then PostgreSQL's own check decides.
  if (!commandLine(pid)?.includes('postgres')) rmSync(pidFile(data), { force: true });
}

// The signals behind `pg_ctl stop -m …` (pg_ctl-ref): sent here, because pg_ctl would send them to a recycled pid.
const signals = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

/** Stops the postmaster of this data, if one runs, and waits until it is gone. A `fast` stop gets 30 s. */
export async function stopPostmaster(data: string, mode: 'fast' | 'immediate'): Promise<void> {
  const pid = postmasterPid(data);
  if (pid === undefined) return removeStalePidFile(data);
  trySignal(pid, signals[mode]);
  if (await isGone(data, 30_000)) return;
  trySignal(pid, signals.immediate);
  if (!(await isGone(data, 30_000))) throw new Error(`PostgreSQL (pid ${pid}) does not stop.`);
}

async function isGone(data: string, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    if (postmasterPid(data) === undefined) return true;
    await sleep(20);
  }
  return false;
}

function writtenPid(data: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile(data), 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}

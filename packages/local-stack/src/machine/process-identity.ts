import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Tells a process from a later one with the same pid: its start time, to the tick, and the boot it started in.
 * Undefined when no such process exists, or only a zombie.
 */
export function processIdentity(pid: number): string | undefined {
  return process.platform === 'linux' ? identityFromProc(pid) : identityFromPs(pid);
}

/** True when the process with this pid and this identity still runs. */
export function isSameProcess(pid: number, identity: string): boolean {
  return processIdentity(pid) === identity;
}

/** The command line of a process. */
export function commandLine(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'command=');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The identity in the text of `/proc/<pid>/stat` (proc(5): field 3 is the state, field 22 the start time). */
export function identityFromStat(stat: string, bootId: string): string | undefined {
  // The name in field 2 may hold spaces and brackets: count from the last closing bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (!state || !startTicks || state === 'Z' || state === 'X') return undefined;
  return `${bootId}:${startTicks}`;
}

let bootId: string | undefined;

function identityFromProc(pid: number): string | undefined {
  try {
    // Ticks count from the boot: without its id, a file from before a reboot could match an unrelated process.
    bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return identityFromStat(readFileSync(`/proc/${pid}/stat`, 'utf8'), bootId);
  } catch {
    return undefined;
  }
}

function identityFromPs(pid: number): string | undefined {
  const state = ps(pid, 'stat=');
  return state && !state.startsWith('Z') ? ps(pid, 'lstart=') : undefined;
}

function ps(pid: number, column: string): string | undefined {
  const answer = spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' });
  return answer.status === 0 ? answer.stdout.trim() || undefined : undefined;
}

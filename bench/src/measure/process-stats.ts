import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second: sysconf(_SC_CLK_TCK) is 100 on every platform of Node.js. */
const TICK_US = 10_000;

interface Stat {
  pid: number;
  parent: number;
  /** User and system time in microseconds. */
  cpu_us: number;
  /** The CPU time of its children that have ended, in microseconds. */
  endedChildren_us: number;
}

/** A process, or a process with all its children, under one name. */
export interface Watched {
  name: string;
  pid: () => number | undefined;
  withChildren?: boolean;
  /** Instead of the process, its children whose command line contains this. */
  childrenWith?: string;
}

/** Microseconds of CPU time used so far; 0 for a process that has ended. */
export function cpuOf(watched: Watched): number {
  const family = familyOf(watched);
  const ended = watched.withChildren ? (family[0]?.endedChildren_us ?? 0) : 0;
  return family.reduce((sum, stat) => sum + stat.cpu_us, ended);
}

/** MB of resident memory that is not shared with files. */
export function memoryOf(watched: Watched): number {
  return familyOf(watched).reduce((sum, { pid }) => sum + memoryMb(pid, 'RssAnon'), 0);
}

/** The process, followed by its children if they are watched too; empty once the process has ended. */
function familyOf({ pid, withChildren, childrenWith }: Watched): Stat[] {
  const own = statOf(pid());
  if (!own) return [];
  if (!withChildren && childrenWith === undefined) return [own];
  const children = allProcesses().filter(({ parent }) => parent === own.pid);
  if (childrenWith === undefined) return [own, ...children];
  return children.filter((child) => read(`/proc/${child.pid}/cmdline`)?.includes(childrenWith));
}

/** The highest resident memory of a process so far, shared files included, in MB. */
export const peakMemoryMb = (pid: number): number => memoryMb(pid, 'VmHWM');

function memoryMb(pid: number, which: 'RssAnon' | 'VmHWM'): number {
  const status = read(`/proc/${pid}/status`) ?? '';
  const kilobytes = new RegExp(`${which}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0;
  return Number(kilobytes) / 1024;
}

function allProcesses(): Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== undefined);
}

function statOf(pid: number | undefined): Stat | undefined {
  const text = pid === undefined ? undefined : read(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** See proc_pid_stat(5). The name stands in brackets and may itself contain brackets and spaces. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid: Number.parseInt(text, 10),
    parent: field(4),
    cpu_us: (field(14) + field(15)) * TICK_US,
    endedChildren_us: (field(16) + field(17)) * TICK_US,
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second (sysconf(_SC_CLK_TCK) is 100 on every platform Node.js runs on). */
const TICK_US = 10_000;

interface Stat {
  pid: number;
  parent: number;
  /** User and system time, microseconds. */
  cpu_us: number;
  /** CPU time of its ended children. */
  endedChildren_us: number;
}

/** A process, or a process with all its children, shown under one name. */
export interface Watched {
  name: string;
  pid: () => number | undefined;
  withChildren?: boolean;
}

/** CPU time used so far; 0 for a process that has ended. */
export function cpuOf({ pid, withChildren }: Watched): number {
  const own = statOf(pid());
  if (!own) return 0;
  if (!withChildren) return own.cpu_us;
  const children = allProcesses().filter((stat) => stat.parent === own.pid);
  return own.cpu_us + own.endedChildren_us + children.reduce((sum, child) => sum + child.cpu_us, 0);
}

/** Resident memory not shared with files, in MB; with children, the sum of their private memory. */
export function memoryOf({ pid, withChildren }: Watched): number {
  const own = pid();
  if (own === undefined) return 0;
  const pids = withChildren
    ? [
        own,
        ...allProcesses()
          .filter((stat) => stat.parent === own)
          .map((stat) => stat.pid),
      ]
    : [own];
  return pids.reduce((sum, each) => sum + privateMemoryMb(each), 0);
}

function privateMemoryMb(pid: number): number {
  const status = read(`/proc/${pid}/status`);
  const kilobytes = /RssAnon:\s+(\d+) kB/.exec(status ?? '')?.[1] ?? 0;
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

/** See proc_pid_stat(5). The name, in brackets, may itself contain brackets and spaces. */
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

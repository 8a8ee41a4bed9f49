import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { commandLine } from './process-identity.ts';

/** One port a stack needs, with what its owner would want to know. */
export interface NeededPort {
  port: number;
  purpose: string;
  variable: string;
}

export interface PortHolder {
  pid: number;
  command: string;
}

export class PortInUse extends Error {}

/** @throws PortInUse naming every port that somebody else listens on. */
export async function requireFreePorts(needed: readonly NeededPort[]): Promise<void> {
  const taken: string[] = [];
  for (const need of needed) {
    if (!(await isPortFree(need.port))) taken.push(portInUseMessage(need, findPortHolder(need.port)));
  }
  if (taken.length > 0) throw new PortInUse(taken.join('\n'));
}

/** The port, what it is for, who has it, and the two ways out. */
export function portInUseMessage(need: NeededPort, holder: PortHolder | undefined): string {
  const who = holder ? `pid ${holder.pid} (${holder.command.slice(0, 120)})` : 'another process';
  return (
    `Port ${need.port}, needed for ${need.purpose}, is held by ${who}. ` +
    `Stop that, or choose another with ${need.variable}=<port>, or shift every port with PORT_OFFSET=100.`
  );
}

/** Nobody listens there, and a server could. */
export async function isPortFree(port: number): Promise<boolean> {
  // Both questions: a listener on the wildcard address hides from a bind on macOS, a backlogged one from a connect.
  return !(await answers(port)) && (await canBind(port));
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

/** Who listens on a port, when this user may know it. */
export function findPortHolder(port: number): PortHolder | undefined {
  const pid = process.platform === 'linux' ? pidFromProc(port) : pidFromLsof(port);
  return pid === undefined ? undefined : { pid, command: commandLine(pid) ?? 'unknown' };
}

/** The socket inodes that listen on a port, in the text of `/proc/net/tcp` (proc(5); state 0A is LISTEN). */
export function listeningInodes(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) && fields[3] === '0A')
    .flatMap((fields) => fields[9] ?? []);
}

function pidFromProc(port: number): number | undefined {
  const inodes = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6']
      .flatMap((file) => listeningInodes(textOf(file), port))
      .map((n) => `socket:[${n}]`),
  );
  if (inodes.size === 0) return undefined;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .find((pid) => openFiles(pid).some((file) => inodes.has(file)));
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function pidFromLsof(port: number): number | undefined {
  const answer = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' });
  const pid = Number.parseInt(answer.stdout ?? '', 10);
  return Number.isNaN(pid) ? undefined : pid;
}

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { commandLine } from './process-identity.ts';

/** A port the stack needs, with the words for the message when it is taken. */
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

/** @throws PortInUse naming every port that is already taken. */
export async function requireFreePorts(needed: readonly NeededPort[]): Promise<void> {
  const taken: string[] = [];
  for (const need of needed) {
    if (!(await isPortFree(need.port))) taken.push(portInUseMessage(need, findPortHolder(need.port)));
  }
  if (taken.length > 0) throw new PortInUse(taken.join('\n'));
}

/** Names the port, its purpose, the process that has it, and the two ways out. */
export function portInUseMessage(need: NeededPort, holder: PortHolder | undefined): string {
  const who = holder ? `pid ${holder.pid} (${holder.command.slice(0, 120)})` : 'another process';
  return (
    `Port ${need.port}, needed for ${need.purpose}, is held by ${who}. ` +
    `Stop that process, or choose another with ${need.variable}=<port>, or shift every port with PORT_OFFSET=100.`
  );
}

/** True when no process listens on the port and a server can bind it. */
export async function isPortFree(port: number): Promise<boolean> {
  // Ask both: on macOS a bind misses a listener on the wildcard address; a connect misses one with a full backlog.
  return !(await answers(port)) && (await canBind(port));
}

async function canBind(port: number): Promise<boolean> {
  const server = createServer().listen({ port, host: '127.0.0.1', exclusive: true });
  try {
    await once(server, 'listening');
    await server[Symbol.asyncDispose]();
    return true;
  } catch {
    return false;
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', timeout: 500 });
  socket.once('timeout', () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The process that listens on a port, if this user may see it. */
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
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].filter((file) => existsSync(file));
  const inodes = tables.flatMap((file) => listeningInodes(readFileSync(file, 'utf8'), port));
  if (inodes.length === 0) return undefined;
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .find((pid) => openFiles(pid).some((file) => sockets.has(file)));
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

function pidFromLsof(port: number): number | undefined {
  const answer = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' });
  const pid = Number.parseInt(answer.stdout ?? '', 10);
  return Number.isNaN(pid) ? undefined : pid;
}

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { isPortFree } from './port-in-use.ts';
import { isSameProcess, processIdentity } from './process-identity.ts';

// Below 32768, where Linux starts to hand out ports to outgoing connections: a server that was killed must get its
// own port back, and a connection of anyone's that borrowed it meanwhile would be in the way.
const LOWEST = 17_000;
const HIGHEST = 31_999;

const reservations = join(tmpdir(), `valerix-ports-${userInfo().uid}`);

/** Ports nobody listens on, reserved against other processes that ask the same way until `releasePorts`. */
export async function reservePorts(count: number): Promise<number[]> {
  mkdirSync(reservations, { recursive: true, mode: 0o700 });
  const found: number[] = [];
  const size = HIGHEST - LOWEST + 1;
  const start = Math.floor(Math.random() * size);
  for (let step = 0; step < size && found.length < count; step += 1) {
    const port = LOWEST + ((start + step) % size);
    if (!reserve(port)) continue;
    if (await isPortFree(port)) found.push(port);
    else releasePorts([port]);
  }
  if (found.length < count) throw new Error(`No ${count} free ports from ${LOWEST} to ${HIGHEST}.`);
  return found;
}

export function releasePorts(ports: readonly number[]): void {
  for (const port of ports) rmSync(join(reservations, String(port)), { force: true });
}

function reserve(port: number): boolean {
  const file = join(reservations, String(port));
  const claim = JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) });
  try {
    writeFileSync(file, claim, { flag: 'wx' });
    return true;
  } catch {
    forgetDead(file);
    // Not this one, even if its owner was dead: the next port is free sooner than a race is thought through.
    return false;
  }
}

function forgetDead(file: string): void {
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; identity: string };
    if (!isSameProcess(owner.pid, owner.identity)) rmSync(file, { force: true });
  } catch {
    // Being written or just removed by its owner.
  }
}

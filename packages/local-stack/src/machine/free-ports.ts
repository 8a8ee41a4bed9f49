import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { isPortFree } from './port-in-use.ts';
import { isSameProcess, processIdentity } from './process-identity.ts';

// Below 32768, where Linux starts to assign ports to outgoing connections: such a connection could otherwise take the
// port of a killed server before it restarts.
const LOWEST = 17_000;
const HIGHEST = 31_999;

const reservations = join(tmpdir(), `valerix-ports-${userInfo().uid}`);

/** Finds free ports and reserves them, until `releasePorts`, against other callers of this function in any process. */
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
    // Skip this port even if its owner was dead: taking it over could race with another process.
    return false;
  }
}

function forgetDead(file: string): void {
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; identity: string };
    if (!isSameProcess(owner.pid, owner.identity)) rmSync(file, { force: true });
  } catch {
    // Its owner is writing or removing the file right now.
  }
}
